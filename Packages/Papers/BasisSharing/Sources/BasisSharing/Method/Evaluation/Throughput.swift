import LanguageModel
import ReproductionKit

/// Tokens per second of a model.
public struct Throughput: Sendable, Hashable, Codable {
  /// Of a prompt that is read at once.
  public let prefill: Double
  /// Of tokens that are computed one by one behind it.
  public let decode: Double

  /// A throughput.
  public init(prefill: Double, decode: Double) {
    self.prefill = prefill
    self.decode = decode
  }

  /// The throughput of several models, timed in turn, so that what else the machine does hits all of them alike; medians over the rounds.
  ///
  /// - Parameters:
  ///   - models: The models.
  ///   - prompt: The prompt.
  ///   - decoded: How many tokens are computed one by one.
  ///   - rounds: How often every model is timed.
  /// - Throws: `LanguageModelError`.
  public static func measure(
    _ models: [LlamaModel], prompt: [Int32], decoded: Int, rounds: Int
  ) throws -> [Throughput] {
    let names = models.indices.map(String.init)
    // Filling the contexts behind which tokens are decoded is also the warming up.
    let contexts = try models.map { model in
      var cache = model.makeCache()
      _ = try model.forward(prompt, cache: &cache, logits: .last)
      return cache
    }
    let timer = InterleavedTimer(rounds: rounds, warmUpRounds: 0)
    let prefill = try timer.measure(
      zip(names, models).map { name, model in
        (
          name,
          {
            var cache = model.makeCache()
            _ = try model.forward(prompt, cache: &cache, logits: .last)
          }
        )
      })
    let decode = try timer.measure(
      zip(names, zip(models, contexts)).map { name, pair in
        (
          name,
          {
            var cache = pair.1
            for _ in 0..<decoded { _ = try pair.0.forward([prompt[0]], cache: &cache, logits: .last) }
          }
        )
      })
    return names.map { name in
      Throughput(
        prefill: Double(prompt.count) / prefill.median(name).value,
        decode: Double(decoded) / decode.median(name).value)
    }
  }
}
