import Foundation
import LanguageModel
import Testing

@Suite("Documentation")
struct ExampleTests {
  @Test("the example of the guide runs, on a tiny model")
  func example() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("tiny.gguf")
    try TinyModel.writer(TinyModel.config(layers: 2)).write(to: url)
    var output = ""
    func print(_ text: String, terminator: String) { output += text + terminator }

    let file = try ModelFile(contentsOf: url)
    let (model, tokenizer) = (try LlamaModel(file), try file.tokenizer())

    var document = model.makeCache()
    _ = try model.forward(tokenizer.encode("abcab"), cache: &document, logits: .none)

    for question in [" ab", " c"] {
      var loop = try DecodingLoop(model, tokenizer: tokenizer, prompt: tokenizer.encode(question), cache: document)
      while let step = try loop.next() { print(step.text, terminator: "") }
    }
    let answers = ["a", "bc"].map { tokenizer.encode($0) }
    let scores = try model.score(answers, after: document)

    #expect(!output.isEmpty)
    #expect(document.tokens == tokenizer.encode("abcab"))
    #expect(scores.count == 2 && scores.allSatisfy { $0 < 0 })
  }
}
