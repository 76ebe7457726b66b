import Foundation
import TinyTensor

/// Draws tokens from logits, reproducibly: the same seed and logits give the same tokens.
public struct Sampler: Sendable {
  /// The rules of choice.
  public let options: SamplingOptions
  private var generator: Philox

  /// A drawn token and its log-probability under the unmodified distribution over the allowed tokens.
  public struct Choice: Sendable, Hashable {
    /// The token.
    public let token: Int32
    /// ln p, before temperature and filters, after the constraint.
    public let logProbability: Double
  }

  /// A sampler at the start of its random stream.
  ///
  /// - Throws: ``LanguageModelError`` for options that make no sense.
  public init(_ options: SamplingOptions) throws(LanguageModelError) {
    if let flaw = options.flaw { throw LanguageModelError(.invalidArgument, flaw) }
    self.options = options
    generator = Philox(seed: options.seed, stream: "sampler")
  }

  /// Chooses the next token.
  ///
  /// - Parameters:
  ///   - logits: one per token of the vocabulary.
  ///   - history: the tokens so far, for the repetition penalty.
  ///   - allowed: the tokens to choose from; `nil` means all.
  /// - Throws: ``LanguageModelError`` if no token is allowed or no logit is finite.
  public mutating func choose(
    _ logits: [Float], history: [Int32] = [], allowed: TokenSet? = nil
  ) throws(LanguageModelError) -> Choice {
    var scores = logits
    if let allowed {
      for token in scores.indices where !allowed.contains(Int32(token)) { scores[token] = -.infinity }
    }
    let normalizer = scores.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { LogSumExp.row($0, count: buffer.count) } ?? -.infinity
    }
    guard normalizer.isFinite else {
      throw LanguageModelError(
        .deadEnd, normalizer.isNaN ? "the logits are not numbers" : "no token is allowed here",
        remedy: normalizer.isNaN ? "check the model's weights" : "the constraint cannot be satisfied by this tokenizer")
    }
    let unmodified = scores
    penalize(&scores, history)
    let token = options.temperature == 0 ? Self.largest(scores) : draw(scores)
    return Choice(token: Int32(token), logProbability: Double(unmodified[token]) - normalizer)
  }

  private func penalize(_ scores: inout [Float], _ history: [Int32]) {
    guard options.repetitionPenalty != 1 else { return }
    let penalty = Float(options.repetitionPenalty)
    for token in Set(history.suffix(options.repetitionWindow)) where scores.indices.contains(Int(token)) {
      let score = scores[Int(token)]
      scores[Int(token)] = score > 0 ? score / penalty : score * penalty
    }
  }

  private static func largest(_ scores: [Float]) -> Int {
    var best = 0
    for token in scores.indices where scores[token] > scores[best] { best = token }
    return best
  }

  private mutating func draw(_ scores: [Float]) -> Int {
    let largest = scores[Self.largest(scores)]
    // Tokens below e⁻⁸⁰ of the largest never matter; dropping them first keeps the sort short.
    let floor = largest - Float(80 * max(options.temperature, 1e-3))
    var candidates = scores.indices.filter { scores[$0] > floor }
    let sorts = options.topK > 0 || options.topP < 1
    if sorts { candidates.sort { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 } }
    if options.topK > 0 && candidates.count > options.topK { candidates.removeSubrange(options.topK...) }
    var weights = candidates.map { exp(Double(scores[$0] - largest) / options.temperature) }
    if options.topP < 1 {
      let total = weights.reduce(0, +)
      var sum = 0.0
      var count = 0
      while count < weights.count && (count == 0 || sum < options.topP * total) {
        sum += weights[count]
        count += 1
      }
      candidates.removeSubrange(count...)
      weights.removeSubrange(count...)
    }
    if options.minP > 0 {
      // The largest weight is 1 by construction.
      let kept = weights.indices.filter { weights[$0] >= options.minP }
      candidates = kept.map { candidates[$0] }
      weights = kept.map { weights[$0] }
    }
    let total = weights.reduce(0, +)
    var target = Double(generator.next() >> 11) * 0x1p-53 * total
    for (candidate, weight) in zip(candidates, weights) {
      target -= weight
      if target < 0 { return candidate }
    }
    return candidates.last ?? 0
  }
}
