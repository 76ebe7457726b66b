import Foundation
import JSONC
import LanguageModel
import Testing
import TinyTensor

@Suite("Tokenizer")
struct TokenizerTests {
  private let tokenizer: Tokenizer

  init() throws { tokenizer = try SmallVocabulary.smollm() }

  @Test("any bytes come back")
  func randomBytes() {
    var random = Philox(seed: 11, stream: "bytes")
    for _ in 0..<300 {
      let bytes = (0..<random.next(below: 200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(tokenizer.decodeBytes(tokenizer.encode(bytes: bytes)) == bytes)
    }
  }

  @Test("special tokens are recognised or taken as text")
  func specials() throws {
    let end = try #require(tokenizer.token(for: "<|im_end|>"))
    #expect(tokenizer.isSpecial(end))
    let text = "a<|im_end|>b"
    let recognized = tokenizer.encode(text)
    let plain = tokenizer.encode(text, special: .asText)
    #expect(recognized.contains(end) && recognized.count == 3)
    #expect(!plain.contains(end) && plain.count > 3)
    #expect(tokenizer.decode(recognized) == text && tokenizer.decode(plain) == text)
  }

  @Test("tokens outside of the vocabulary decode to nothing")
  func outside() {
    #expect(tokenizer.decode([-1, 640, .max, .min]) == "")
    #expect(tokenizer.bytes(of: 640).isEmpty && !tokenizer.isSpecial(-1))
  }

  /// One word without a place to split it, of 200 000 bytes: a quadratic algorithm would take minutes.
  @Test("endless words take no endless time", arguments: ["a", "ab", " ", "é", "-", "日本"])
  func longWords(unit: String) {
    let text = String(repeating: unit, count: 200_000 / unit.utf8.count)
    #expect(tokenizer.decode(tokenizer.encode(text)) == text)
  }

  @Test("merging equals the textbook algorithm on random words")
  func textbook() throws {
    let content = try TestResource.json("small-tokenizer.json")
    let reference = try TextbookBPE(content)
    var random = Philox(seed: 12, stream: "words")
    let alphabet = Array("abcdefghijklmnoprstuwxyz".utf8)
    for _ in 0..<500 {
      // Letters from the beginning of the alphabet more often, so that pairs repeat.
      let word = (0..<1 + random.next(below: 40)).map { _ in
        alphabet[random.next(below: 2 + random.next(below: alphabet.count - 1))]
      }
      #expect(tokenizer.encode(bytes: word).map(Int.init) == reference.encode(word))
    }
  }

  @Test("words that are tokens are taken whole where the vocabulary says so")
  func wholeWords() throws {
    let golden = try TestResource.json("small-golden.json")
    let pattern = try #require(golden["patterns"]?["llama-bpe"]?["pre_tokenizer"])
    // Without merges, only whole words can be more than single bytes.
    let bytewise = try SmallVocabulary.tokenizer(preTokenizer: pattern) { $0["model"]?["merges"] = [] }
    let whole = try SmallVocabulary.tokenizer(preTokenizer: pattern) {
      $0["model"]?["merges"] = []
      $0["model"]?["ignore_merges"] = true
    }
    #expect(bytewise.encode(" the").count == 4)
    #expect(whole.encode(" the").count == 1)
    #expect(whole.encode(" thezz").count == 6)
  }

  @Test("composed and decomposed text are the same where the tokenizer normalises")
  func normalization() throws {
    let golden = try TestResource.json("small-golden.json")
    let pattern = try #require(golden["patterns"]?["qwen2"]?["pre_tokenizer"])
    let normalizing = try SmallVocabulary.tokenizer(preTokenizer: pattern) { $0["normalizer"] = ["type": "NFC"] }
    #expect(normalizing.normalizes)
    #expect(normalizing.encode("cafe\u{301}") == normalizing.encode("café"))
    #expect(tokenizer.encode("cafe\u{301}") != tokenizer.encode("café"))
  }

  @Test("settings beside tokenizer.json name the special tokens")
  func settings() throws {
    let content = try TestResource.json("small-tokenizer.json")
    let named = try SmallVocabulary.tokenizer(
      content,
      settings: [
        "bos_token": "<|im_start|>", "eos_token": ["content": "<|im_end|>"], "unk_token": .null, "add_bos_token": true,
      ])
    #expect(named.beginToken == 1 && named.endToken == 2 && named.unknownToken == nil && named.addsBeginToken)
    #expect(named.stopTokens == [0, 2])
  }

  @Test("the tokenizer survives the way through a GGUF file")
  func throughGGUF() throws {
    let folder = try TemporaryFolder()
    var content = try TestResource.json("small-tokenizer.json")
    let golden = try TestResource.json("small-golden.json")
    content["pre_tokenizer"] = golden["patterns"]?["smollm"]?["pre_tokenizer"]
    try ModelFolder.write(
      to: folder, tokenizer: content,
      settings: ["eos_token": "<|im_end|>", "chat_template": "<|im_start|>{{x}}<|im_end|>"])
    let file = try ModelFile(contentsOf: folder.url)
    try file.writeGGUF(to: folder.file("m.gguf"), type: .q8_0)
    let converted = try ModelFile(contentsOf: folder.file("m.gguf"))
    let (before, after) = (try file.tokenizer(), try converted.tokenizer())
    for text in try #require(golden["texts"]?.arrayValue).compactMap(\.stringValue) {
      #expect(before.encode(text) == after.encode(text))
    }
    #expect(after.endToken == 2 && after.preTokenizer == .smollm)
    #expect(try converted.chatTemplate() == file.chatTemplate())
  }
}

/// BPE as in the paper's listing: find the pair of lowest rank, merge its leftmost occurrence, look again.
private struct TextbookBPE {
  private var ids: [String: Int] = [:]
  private var ranks: [String: Int] = [:]

  init(_ content: JSONValue) throws {
    for (token, id) in try #require(content["model"]?["vocab"]?.objectValue) { ids[token] = id.intValue }
    for (rank, merge) in try #require(content["model"]?["merges"]?.arrayValue).enumerated() {
      ranks[try #require(merge.stringValue)] = rank
    }
  }

  /// The ids of a word in ASCII letters.
  func encode(_ word: [UInt8]) -> [Int] {
    var parts = word.map { String(Unicode.Scalar($0)) }
    while true {
      let pairs = zip(parts, parts.dropFirst()).map { ranks["\($0) \($1)"] ?? .max }
      guard let best = pairs.min(), best < .max, let place = pairs.firstIndex(of: best) else { break }
      parts.replaceSubrange(place...place + 1, with: [parts[place] + parts[place + 1]])
    }
    return parts.compactMap { ids[$0] }
  }
}
