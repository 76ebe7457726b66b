import LanguageModel
import Testing

@Suite("Learning a vocabulary")
struct BytePairTrainerTests {
  @Test("the most frequent pair of the original example is merged first")
  func order() throws {
    // aaabdaaabac: "aa" occurs most (the classic example of byte-pair encoding), then what the merges leave.
    let learned = try BytePairTrainer(vocabulary: 256 + 2, preTokenizer: .gpt2).learn(from: "aaabdaaabac")
    let merges = try #require(learned.metadata["tokenizer.ggml.merges"]?.stringArray)
    #expect(merges == ["a a", "a b"])
    #expect(learned.tokenizer.encode("aaabdaaabac").count == 7)
  }

  @Test("any text comes back, and control tokens are first and never the result of text")
  func roundTrip() throws {
    let learned = try BytePairTrainer(vocabulary: 300, controlTokens: ["<|end|>", "<|im_end|>"])
      .learn(from: String(repeating: "the cache keeps the data close to the core 12 3 ", count: 3))
    let tokenizer = learned.tokenizer
    #expect(
      (259...300).contains(tokenizer.vocabularyCount) && tokenizer.endToken == 0 && tokenizer.stopTokens.contains(1))
    for text in ["the cache", "Grüße 😀\u{0}\n", "", "<|end|>", String(repeating: "zq", count: 50)] {
      #expect(tokenizer.decode(tokenizer.encode(text, special: .asText)) == text)
    }
    #expect(tokenizer.encode("<|end|>") == [0])
    #expect(!tokenizer.encode("<|end|>", special: .asText).contains(0))
    #expect(tokenizer.encode(" the").count == 1)
    #expect(tokenizer.unencodableBytes.isEmpty)
  }

  @Test("the vocabulary stops growing when nothing repeats, and refuses to be too small")
  func limits() throws {
    #expect(try BytePairTrainer(vocabulary: 1000).learn(from: "abc").tokenizer.vocabularyCount == 256)
    #expect(throws: TokenizerError.self) {
      try BytePairTrainer(vocabulary: 256, controlTokens: ["<s>"]).learn(from: "")
    }
  }
}
