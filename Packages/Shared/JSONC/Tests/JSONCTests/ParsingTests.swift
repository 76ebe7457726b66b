import Foundation
import JSONC
import Testing

@Suite struct ParsingTests {
  @Test(
    arguments: [
      ("1", .integer(1)), ("-0", .integer(0)), (" 1.5e3 ", .number(1500)), ("\"a\"", "a"), ("null", nil),
      ("true", true),
      ("[]", []), ("{}", [:]), ("18446744073709551615", .unsigned(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775807", .integer(.max)), ("9223372036854775808", .unsigned(1 << 63)), ("[1e-400]", [0.0]),
      ("\"\\ud83d\\ude00\"", "😀"), ("\"\\u0000\"", "\0"), ("\"a\\/b\"", "a/b"), ("\"it's\"", "it's"),
      ("[0,0.0,-1.5]", [0, 0.0, -1.5]),
      ("\r\n\t{\"a\" : [ {} , null ] }\n", ["a": [[:], nil]]), ("\"\\\"\\\\\\b\\f\\n\\r\\t\"", "\"\\\u{8}\u{C}\n\r\t"),
      ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)), ("{\"\":1}", ["": 1]),
    ] as [(String, JSONValue)])
  func accepted(text: String, value: JSONValue) throws {
    #expect(try JSON.parse(text) == value)
    #expect(try JSON.parse(JSON.serialize(value)) == value)
  }

  @Test(arguments: [
    "", " ", "{", "[1,", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "['a']", "[NaN]", "[-Infinity]", "Infinity", "nul",
    "01",
    "-01", "[1.]", "[.5]", "[+1]", "1e999", "[-1e999]", "18446744073709551616", "[-9223372036854775809]", "\"\\ud800\"",
    "[\"\\udc00\\ud800\"]", "\"\\ud800\\u0041\"", "{\"a\\u0000\":1}", "[1] x", "[1]]", "/* c */ 1", "[1] // x",
    "\"a\u{1}\"",
    "\"\\x\"", "\"\\u12g4\"", "tru", "True", "NULL", "[1 2]", "{\"a\" 1}", "{\"a\":}", "1 2", "-", "1e", "1e+", "0x10",
    "\u{FEFF}1",
    "[1,,2]", "--1", "1.2.3", "1-2", "1e5e5", "[\"a\nb\"]", "\"", "\"\\", "\"\\u", "{\"a\"", "{\"a\":", "{\"a\":1", "[",
    "]", "}",
  ])
  func refused(text: String) {
    let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
    #expect(error?.line == 1, "\(text)")
    #expect(error?.description.contains("\n") == false)
  }

  @Test(arguments: [
    ("{\"a\":1,\n \"b\":2,\n \"a\":3}", 3, 2), ("{\"a\":1,\"\\u0061\":2}", 1, 8),
    ("[{\"x\":{\"a\":1,\"b\":[],\"a\":{}}}]", 1, 21), ("{\"k\":{\"k\":1},\"k\":{\"k\":1,\"j\":2}}", 1, 14),
  ])
  func duplicateKeys(text: String, line: Int, column: Int) {
    let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
    #expect(error?.line == line && error?.column == column)
    #expect(error?.reason.contains("twice") == true)
  }

  @Test func keysThatAreEqualAsStrings() {
    // The same letter, composed and decomposed: equal Swift strings, different bytes.
    #expect(throws: JSONError.self) { try JSON.parse("{\"\u{E9}\":1,\"e\u{301}\":2}") }
  }

  @Test func positionsCountLinesAndBytes() {
    let error = #expect(throws: JSONError.self) { try JSON.parse("{\n  \"a\": [1,\n    2 3]\n}") }
    #expect(error?.description == "line 3, column 7: expected a comma or a closing bracket in an array")
  }

  @Test func aZeroByteIsNotTheEnd() {
    #expect(throws: JSONError.self) { try JSON.parse(Data([0x31, 0x00])) }
    #expect(throws: JSONError.self) { try JSON.parse(Data([0x5B, 0x00, 0x5D])) }
    #expect(throws: JSONError.self) { try JSON.parse(Data([0x5B, 0x5D, 0x00, 0x78])) }
    #expect(throws: JSONError.self) { try JSON.parse(Data([0x22, 0x61, 0x00, 0x22])) }
  }

  @Test(
    arguments: [
      [0xFF], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3], [0xE2, 0x82],
      [0xF0, 0x9F, 0x98], [0x80],
    ] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) {
    for text in [[0x22] + bytes + [0x22], [0x7B, 0x22] + bytes + [0x22, 0x3A, 0x31, 0x7D]] as [[UInt8]] {
      let error = #expect(throws: JSONError.self) { try JSON.parse(Data(text)) }
      #expect(error?.reason == "invalid UTF-8", "\(text)")
    }
  }
}
