import Foundation

/// How well a model predicts a text.
public struct Perplexity: Sendable, Hashable, Codable {
  /// e to the mean loss.
  public var value: Double { exp(meanLoss) }
  /// Mean of -ln p over all predicted tokens, in nats.
  public let meanLoss: Double
  /// The number of predicted tokens.
  public let tokens: Int
  /// The loss of each window, averaged over its tokens.
  public let windowLosses: [Double]
}

extension LlamaModel {
  /// Perplexity over consecutive windows, each with an empty context; the first token of a window is not predicted.
  ///
  /// - Parameters:
  ///   - tokens: the text.
  ///   - window: tokens per window; the last window may be shorter.
  ///   - windows: how many windows to evaluate; all by default.
  ///   - progress: called after each window with the number of windows done.
  /// - Throws: ``LanguageModelError``, for instance if there are fewer than two tokens.
  public func perplexity(
    of tokens: [Int32], window: Int = 1024, windows: Int? = nil, progress: ((Int) -> Void)? = nil
  ) throws(LanguageModelError) -> Perplexity {
    guard window >= 2, tokens.count >= 2 else {
      throw LanguageModelError(
        .invalidArgument, "perplexity needs windows and a text of at least 2 tokens, got \(window) and \(tokens.count)")
    }
    var losses: [Double] = []
    var total = 0.0
    var predicted = 0
    for start in stride(from: 0, to: tokens.count - 1, by: window) {
      if let windows, losses.count >= windows { break }
      let piece = Array(tokens[start..<min(start + window, tokens.count)])
      let loss = -(try logProbabilities(of: piece).reduce(0, +))
      total += loss
      predicted += piece.count - 1
      losses.append(loss / Double(piece.count - 1))
      progress?(losses.count)
    }
    return Perplexity(meanLoss: total / Double(predicted), tokens: predicted, windowLosses: losses)
  }

  /// ln p of every token but the first, given the tokens before it.
  ///
  /// - Throws: ``LanguageModelError``.
  public func logProbabilities(of tokens: [Int32]) throws(LanguageModelError) -> [Double] {
    guard let first = tokens.first, tokens.count > 1 else { return [] }
    var cache = makeCache()
    _ = try forward([first], cache: &cache, logits: .none)
    return try scoreTokens([Array(tokens.dropFirst())], after: cache).first ?? []
  }
}
