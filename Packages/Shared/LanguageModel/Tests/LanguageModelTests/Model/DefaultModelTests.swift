import Foundation
import JSONC
import LanguageModel
import Testing
import TinyTensor

/// The default model against logits that PyTorch computed in double precision on the dequantised weights, with a GGUF parser, an
/// unpermuted rotary embedding and no cache: an implementation that shares nothing with this one. `make-model-golden.py` makes the
/// expected values anew.
@Suite("Default model", .enabled(if: ModelFile.defaultModelURL() != nil))
struct DefaultModelTests {
  private struct Golden: Decodable {
    struct Position: Decodable {
      let row: Int
      let ids: [Int]
      let logits: [Float]
      let logSumExp: Double
    }
    let prompt: [Int32]
    let greedy: [Int32]
    let margins: [Float]
    let positions: [Position]
    let meanLoss: Double
  }

  private let golden: Golden
  private let file: ModelFile
  private let model: LlamaModel

  init() throws {
    golden = try JSON.read(Golden.self, from: TestResource.url("smollm2-logits-golden.json"))
    file = try ModelFile(contentsOf: #require(ModelFile.defaultModelURL()))
    model = try LlamaModel(file, options: .exact)
  }

  private var tokens: [Int32] { golden.prompt + golden.greedy.dropLast() }

  @Test("the prompt of the golden values is what the tokenizer and the template make")
  func prompt() throws {
    let text = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
    let tokenizer = try file.tokenizer()
    #expect(tokenizer.encode(text, special: .recognized) == golden.prompt)
    #expect(tokenizer.decode(Array(golden.greedy.prefix(7))) == "The capital of France is Paris.")
  }

  @Test("exact logits are PyTorch's to 1e-3, and so are the most probable tokens")
  func exact() throws {
    var cache = model.makeCache()
    let logits = try model.forward(tokens, cache: &cache, logits: .all)
    for position in golden.positions {
      for (token, expected) in zip(position.ids, position.logits) {
        #expect(abs(logits[position.row, token] - expected) < 1e-3, "row \(position.row), token \(token)")
      }
    }
    let best = logits.argmaxRows()
    for (step, token) in golden.greedy.enumerated() where golden.margins[step] > 0.1 {
      #expect(best[golden.prompt.count - 1 + step] == Int(token), "step \(step)")
    }
    let loss = try -model.logProbabilities(of: tokens).reduce(0, +) / Double(tokens.count - 1)
    #expect(abs(loss - golden.meanLoss) < 1e-4)
  }

  @Test("greedy generation writes the same fifty tokens, from one cache", arguments: [Numerics.exact, .fast])
  func greedy(numerics: Numerics) throws {
    var loop = try DecodingLoop(
      model.with(numerics: numerics), tokenizer: nil, prompt: golden.prompt,
      options: GenerationOptions(maximumTokens: golden.greedy.count))
    // From the first near tie on, two correct implementations may part.
    let tie = golden.margins.firstIndex { $0 <= (numerics == .exact ? 0.1 : 0.5) } ?? golden.margins.count
    while try loop.next() != nil {}
    #expect(loop.tokens.prefix(tie) == golden.greedy.prefix(tie))
  }

  @Test("fast logits cost less than half a per cent of the loss")
  func fast() throws {
    let fast = model.with(numerics: .fast)
    var cache = fast.makeCache()
    let logits = try fast.forward(tokens, cache: &cache, logits: .all)
    for position in golden.positions {
      for (token, expected) in zip(position.ids, position.logits) {
        #expect(abs(logits[position.row, token] - expected) < 1, "row \(position.row), token \(token)")
      }
    }
    let loss = try -fast.logProbabilities(of: tokens).reduce(0, +) / Double(tokens.count - 1)
    #expect(abs(loss - golden.meanLoss) < 0.02)
  }

  @Test("the differentiable path computes the logits of inference", arguments: [Numerics.exact, .fast])
  func differentiable(numerics: Numerics) throws {
    let model = model.with(options: ModelOptions(numerics: numerics, cachePrecision: .float32))
    var cache = model.makeCache()
    let expected = try model.forward(tokens, cache: &cache, logits: .all)
    let found = try DifferentiableModel(model).logits([TrainingSegment(.tokens(tokens))])
    #expect(found.value == expected)
  }
}
