import JSONC
import LanguageModel
import Testing
import TinyTensor

@Suite("Constrained decoding")
struct ConstraintTests {
  @Test(
    "regular expressions match whole texts",
    arguments: [
      (#"\d{4}-\d{2}"#, ["2024-05"], ["2024-5", "2024-055", "x2024-05"]),
      ("(a|bc)*d?", ["", "d", "abcabcd", "bcbc"], ["b", "dd", "ac"]),
      ("[^a-c]+", ["dé😀", "-"], ["", "a", "xa"]), ("x{2,}", ["xx", "xxxxx"], ["x", ""]),
      (#"\w+\s\W\."#, ["ab_1 é."], ["ab .", "ab x."]), ("a.c", ["abc", "aéc"], ["a\nc", "ac"]),
      (#"\[[0-4](,[0-4]){5}\]"#, ["[0,1,2,3,4,0]"], ["[0,1,2,3,4]", "[0,1,2,3,4,5]"]), ("(?:)", [""], ["a"]),
      ("[]a]+[a-]", ["]a-", "aa"], ["]", "b-"]),
    ])
  func expressions(pattern: String, matching: [String], others: [String]) throws {
    let automaton = try ByteAutomaton(pattern: pattern)
    for text in matching { #expect(automaton.matches(text.utf8), "\(pattern) should match \(text)") }
    for text in others { #expect(!automaton.matches(text.utf8), "\(pattern) should not match \(text)") }
  }

  @Test(
    "syntax errors say where",
    arguments: [
      "(", ")", "a{", "a{3,2}", "[a", "*", "\\", "\\q", "a{1001}", "[z-a]", "^a$", "(?=a)", "[é]",
      "[^\u{0}-\u{7f}]{0}(", "a+?", "a{2}{3}", "a" + String(repeating: "*", count: 100_000),
      String(repeating: "(", count: 100_000),
    ])
  func syntax(pattern: String) {
    #expect(throws: LanguageModelError.self) { try ByteAutomaton(pattern: pattern) }
  }

  @Test("an expression that is too large is refused")
  func size() throws {
    #expect(throws: LanguageModelError.self) { try ByteAutomaton(pattern: "((a|b){1000}){1000}") }
    #expect(throws: LanguageModelError.self) { try ByteAutomaton(.byte(ByteSet())) }
    #expect(throws: LanguageModelError.self) { try ByteAutomaton(pattern: "(a|b)*a(a|b){30}") }
    #expect(try ByteAutomaton(pattern: "(((){1000}){1000}){1000}").matches([]))
  }

  @Test("forced bytes end at a choice or a possible end")
  func forced() throws {
    let automaton = try ByteAutomaton(pattern: "abc(d|e)fg")
    let first = automaton.forcedBytes(from: automaton.start)
    #expect(first.bytes == Array("abc".utf8))
    let rest = automaton.forcedBytes(from: automaton.next(first.end, UInt8(ascii: "e")))
    #expect(rest.bytes == Array("fg".utf8) && automaton.accepts(rest.end))
  }

  @Test("the token tree finds exactly the tokens that an automaton can read")
  func trie() throws {
    let texts = ["a", "ab", "abc", "b", "ba", "c", "cab", "abcabc", "ca", "abd", ""]
    let trie = TokenTrie(texts.enumerated().map { (Array($1.utf8), Int32($0)) }, vocabulary: 20)
    let automaton = try ByteAutomaton(pattern: "(abc)+|ba?")
    let found = trie.tokens(for: automaton, from: automaton.start).tokens
    let expected = texts.indices.filter { index in
      var state = automaton.start
      for byte in texts[index].utf8 where state >= 0 { state = automaton.next(state, byte) }
      return state >= 0 && !texts[index].isEmpty
    }
    #expect(found == expected.map(Int32.init))
  }

  @Test("choices allow their tokens and force common runs")
  func choices() throws {
    var constraint = try ChoiceConstraint([[1, 2, 3], [1, 2, 4, 5], [1, 2]], vocabulary: 10)
    #expect(constraint.forcedTokens() == [1, 2])
    try constraint.advance(1)
    try constraint.advance(2)
    #expect(constraint.isComplete && constraint.chosen == 2)
    #expect(constraint.allowedTokens()?.tokens == [3, 4])
    try constraint.advance(4)
    #expect(!constraint.isComplete && constraint.forcedTokens() == [5])
    #expect(throws: LanguageModelError.self) { try constraint.advance(3) }
    try constraint.advance(5)
    #expect(constraint.chosen == 1)
    #expect(throws: LanguageModelError.self) { try ChoiceConstraint([], vocabulary: 10) }
  }

  @Test("JSON schemas describe their documents")
  func schema() throws {
    let schema: JSONValue = [
      "type": "object",
      "properties": [
        "name": ["type": "string", "maxLength": 8], "age": ["type": "integer"],
        "tags": ["type": "array", "items": ["enum": ["x", "y", 3]], "maxItems": 2], "score": ["type": "number"],
        "flag": ["anyOf": [["type": "boolean"], ["type": "null"]]],
      ],
      "required": ["name", "flag"],
    ]
    let automaton = try ByteAutomaton(JSONSchema.expression(for: schema))
    let good = [
      #"{"name": "Zoë", "age": -12, "tags": ["x", 3], "score": 1.5e+3, "flag": true}"#,
      #"{"name": "", "flag": null}"#, #"{"name": "a\n\u00e9", "tags": [], "flag": false}"#,
    ]
    let bad = [
      #"{"name": "abcdefghi", "flag": null}"#, #"{"flag": null}"#, #"{"name": "a", "age": 01, "flag": null}"#,
      #"{"name": "a", "tags": ["x", "x", "x"], "flag": null}"#, #"{"name": "a" , "flag": null}"#, "[]",
    ]
    for text in good {
      #expect(automaton.matches(text.utf8), "\(text)")
      #expect(throws: Never.self) { try JSON.parse(text) }
    }
    for text in bad { #expect(!automaton.matches(text.utf8), "\(text)") }
    let optional: JSONValue = [
      "type": "object", "properties": ["a": ["type": "null"], "b": ["type": "null"]], "required": [],
    ]
    let free = try ByteAutomaton(JSONSchema.expression(for: optional))
    for text in ["{}", #"{"a": null}"#, #"{"b": null}"#, #"{"a": null, "b": null}"#] {
      #expect(free.matches(text.utf8))
    }
    for wrong: JSONValue in [["$ref": "#"], ["type": "date"], [:], ["type": "array"], ["enum": []]] {
      #expect(throws: LanguageModelError.self) { try JSONSchema.expression(for: wrong) }
    }
  }
}
