/// One request and its answer: a line of a recording.
struct RecordedCall: Codable {
  /// The SHA-256 of the request.
  var key: String
  /// The name of the model that answered.
  var model: String
  /// The request, of either kind.
  var chat: ChatRequest?
  var scoring: ScoringRequest?
  /// The pieces of text in which the answer came.
  var pieces: [String]?
  var finishReason: FinishReason?
  var usage: TokenUsage?
  /// The answer to a request for likelihoods.
  var scores: [Double]?
}

/// A request for likelihoods.
struct ScoringRequest: Hashable, Codable {
  var prompt: ScoringPrompt
  var continuations: [String]
}
