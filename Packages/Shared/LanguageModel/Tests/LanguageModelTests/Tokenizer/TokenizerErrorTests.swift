import Foundation
import JSONC
import LanguageModel
import Testing

@Suite("Tokenizer: definitions that do not work")
struct TokenizerErrorTests {
  private func error(_ change: (inout JSONValue) -> Void) throws -> TokenizerError {
    var content = try TestResource.json("small-tokenizer.json")
    change(&content)
    return try #require(throws: TokenizerError.self) { _ = try SmallVocabulary.tokenizer(content) }
  }

  private func error(gguf change: (inout GGUFWriter) -> Void) throws -> TokenizerError {
    let folder = try TemporaryFolder()
    var writer = try TinyModel.writer()
    change(&writer)
    try writer.write(to: folder.file("m.gguf"))
    let file = try ModelFile(contentsOf: folder.file("m.gguf"))
    return try #require(throws: TokenizerError.self) { _ = try file.tokenizer() }
  }

  @Test("tokenizer.json: other models, patterns and normalizers are named")
  func json() throws {
    #expect(try error { $0["model"]?["type"] = "Unigram" }.description.contains("Unigram"))
    #expect(try error { $0["model"]?["byte_fallback"] = true }.description.contains("SentencePiece"))
    #expect(try error { $0["normalizer"] = ["type": "Lowercase"] }.description.contains("Lowercase"))
    #expect(try error { $0["pre_tokenizer"] = ["type": "Whitespace"] }.description.contains("Whitespace"))
    let split: JSONValue = [
      "type": "Sequence",
      "pretokenizers": [
        ["type": "Split", "pattern": ["Regex": "\\w+"], "behavior": "Isolated"],
        ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false],
      ],
    ]
    #expect(try error { $0["pre_tokenizer"] = split }.description.contains("\\w+"))
    #expect(try error { $0["model"] = nil }.description.contains("model: missing"))
    #expect(try error { $0["model"]?["merges"] = [1] }.description.contains("model.merges[0]"))
    #expect(try error { $0["model"]?["merges"] = ["qq zz"] }.description.contains("not in the vocabulary"))
    #expect(try error { $0["model"]?["merges"] = ["ab"] }.description.contains("separated by a space"))
    #expect(try error { $0["model"]?["vocab"]?["x"] = -1 }.description.contains("16777215"))
    #expect(try error { $0["added_tokens"] = [["id": 3]] }.description.contains("added_tokens[0]"))
  }

  @Test("GGUF: other models and patterns, missing parts, wrong counts and ids")
  func gguf() throws {
    for (key, value, problem) in [
      ("model", MetadataValue?.none, "missing"), ("model", .string("llama"), "byte-level BPE"),
      ("pre", .string("tekken"), "llama-bpe"), ("tokens", nil, "tokens: missing"),
      ("tokens", .array(.int32([1])), "tokens: missing"), ("merges", nil, "merges: missing"),
      ("merges", .array(.string(["a c"])), "merge 0"), ("token_type", .array(.int32([1])), "8 integers"),
      ("eos_token_id", .uint32(8), "8 tokens"),
    ] {
      let error = try error(gguf: { $0.metadata["tokenizer.ggml.\(key)"] = value })
      #expect(error.description.contains(problem), "\(key)")
    }
  }
}
