/// What can go wrong when a model is compressed; the description is one line that says what, where and how to mend it.
public enum BasisSharingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A ratio outside of (0, 1).
  case invalidRatio(Double)
  /// A group size below 1 or beyond the number of layers.
  case invalidGroupSize(Int, layers: Int)
  /// A plan that names layers twice, out of order or beyond the model.
  case invalidPlan(String)
  /// A rank at which factors are no smaller than the matrices.
  case rankTooLarge(site: String, layers: [Int], rank: Int, limit: Int)
  /// A Gram of the wrong size, with values that are not finite, or not symmetric.
  case invalidGram(String)
  /// Activations that are not finite.
  case notFinite(site: String, layer: Int)
  /// Too little text.
  case tooFewTokens(have: Int, need: Int)
  /// A saved state that belongs to something else or is damaged.
  case invalidState(path: String, problem: String)
  /// A model that has no such factors, or is of a kind that cannot be compressed.
  case unsupportedModel(String)
  /// A budget that no plan meets.
  case unreachableBudget(String)
  /// An option with an impossible value.
  case invalidSetting(name: String, value: String, expected: String)
  /// A machine that no description is known of.
  case unknownMachine(String, known: [String])
  /// A file of multiple-choice questions with a line that is none.
  case invalidQuestions(path: String, line: Int, problem: String)

  public var description: String {
    switch self {
    case .invalidRatio(let ratio): "the ratio is \(ratio); give the fraction of parameters to remove, between 0 and 1"
    case .invalidGroupSize(let size, let layers):
      "the group size is \(size); a model of \(layers) layers needs 1...\(layers)"
    case .invalidPlan(let problem):
      "the sharing plan is invalid: \(problem); make one with `hardwise basissharing plan`"
    case .rankTooLarge(let site, let layers, let rank, let limit):
      "rank \(rank) for \(site) of layers \(layers) saves nothing; give less than \(limit) or leave the matrices dense"
    case .invalidGram(let problem): "the Gram is invalid: \(problem); collect it again"
    case .notFinite(let site, let layer):
      "the inputs of \(site) in layer \(layer) are not finite; check the model with `hardwise lm perplexity`"
    case .tooFewTokens(let have, let need): "\(have) tokens of text, at least \(need) are needed; give a longer text"
    case .invalidState(let path, let problem): "\(path): \(problem); remove the file and start again"
    case .unsupportedModel(let problem): "the model cannot be used: \(problem)"
    case .unreachableBudget(let problem): "no plan meets the budget: \(problem)"
    case .invalidSetting(let name, let value, let expected): "\(name) is \(value); give \(expected)"
    case .unknownMachine(let name, let known):
      "there is no machine '\(name)'; name a JSON file or one of \(known.joined(separator: ", "))"
    case .invalidQuestions(let path, let line, let problem):
      "\(path), line \(line): \(problem); expected {\"question\", \"choices\", \"answer\"}"
    }
  }
}
