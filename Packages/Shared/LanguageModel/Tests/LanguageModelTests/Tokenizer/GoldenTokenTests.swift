import Foundation
import JSONC
import LanguageModel
import Testing

/// Token ids made with Hugging Face's `tokenizers` (Rust, regular expressions by Oniguruma): an implementation that
/// shares nothing with this one. The versions are in the `note` of the files.
@Suite("Tokenizer: golden token ids")
struct GoldenTokenTests {
  @Test("330 texts under every splitting pattern, small vocabulary", arguments: PreTokenizer.allCases)
  func patterns(pattern: PreTokenizer) throws {
    let golden = try TestResource.json("small-golden.json")
    let texts = try #require(golden["texts"]?.arrayValue).compactMap(\.stringValue)
    let entry = try #require(golden["patterns"]?[pattern.rawValue])
    let tokenizer = try SmallVocabulary.tokenizer(preTokenizer: #require(entry["pre_tokenizer"]))
    #expect(tokenizer.preTokenizer == pattern)
    let expected = try #require(entry["ids"]?.arrayValue)
    #expect(texts.count == 330 && expected.count == 330)
    for (text, ids) in zip(texts, expected) {
      let tokens = tokenizer.encode(text)
      #expect(tokens.map(Int.init) == ids.arrayValue?.compactMap(\.intValue), "\(text.debugDescription)")
      #expect(tokenizer.decode(tokens) == text)
    }
  }

  @Test("330 texts with the real vocabulary, where it is found", .enabled(if: ModelFile.defaultModelURL() != nil))
  func realVocabulary() throws {
    let tokenizer = try ModelFile(contentsOf: #require(ModelFile.defaultModelURL())).tokenizer()
    let cases = try #require(try TestResource.json("smollm2-golden.json")["cases"]?.arrayValue)
    #expect(cases.count == 330)
    for entry in cases {
      let text = try #require(entry[0]?.stringValue)
      let tokens = tokenizer.encode(text)
      #expect(tokens.map(Int.init) == entry[1]?.arrayValue?.compactMap(\.intValue), "\(text.debugDescription)")
      if !text.utf8.contains(where: tokenizer.unencodableBytes.contains) { #expect(tokenizer.decode(tokens) == text) }
    }
  }

  @Test("what the default model says of its vocabulary", .enabled(if: ModelFile.defaultModelURL() != nil))
  func realProperties() throws {
    let tokenizer = try ModelFile(contentsOf: #require(ModelFile.defaultModelURL())).tokenizer()
    #expect(tokenizer.vocabularyCount == 49_152 && tokenizer.preTokenizer == .smollm)
    #expect(tokenizer.beginToken == 1 && tokenizer.endToken == 2 && !tokenizer.addsBeginToken)
    #expect(tokenizer.stopTokens == [0, 2])
    #expect(tokenizer.token(for: "<|im_start|>") == 1 && tokenizer.isSpecial(1))
    #expect(tokenizer.unencodableBytes.count == 21)
  }
}
