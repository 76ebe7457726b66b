import LanguageModel

/// The body of a request to `/chat/completions`.
///
/// Only what differs from a server's defaults is sent, beyond the fields that all servers know.
struct CompletionBody: Encodable {
  var model: String
  var messages: [ChatMessage]
  var stream = true
  var streamOptions: StreamOptions?
  var maximumTokens: Int
  var temperature: Double
  var topP: Double?
  var topK: Int?
  var minP: Double?
  var repetitionPenalty: Double?
  var seed: UInt64?
  var stop: [String]?

  struct StreamOptions: Encodable {
    var includeUsage = true

    private enum CodingKeys: String, CodingKey {
      case includeUsage = "include_usage"
    }
  }

  private enum CodingKeys: String, CodingKey {
    case model, messages, stream, temperature, seed, stop
    case streamOptions = "stream_options"
    case maximumTokens = "max_tokens"
    case topP = "top_p"
    case topK = "top_k"
    case minP = "min_p"
    case repetitionPenalty = "repeat_penalty"
  }

  init(_ request: ChatRequest, model: String, asksForUsage: Bool) {
    let sampling = request.sampling
    self.model = model
    messages = request.messages
    streamOptions = asksForUsage ? StreamOptions() : nil
    maximumTokens = request.maximumTokens
    temperature = sampling.temperature
    topP = sampling.topP < 1 ? sampling.topP : nil
    topK = sampling.topK > 0 ? sampling.topK : nil
    minP = sampling.minP > 0 ? sampling.minP : nil
    repetitionPenalty = sampling.repetitionPenalty != 1 ? sampling.repetitionPenalty : nil
    seed = sampling.temperature > 0 ? sampling.seed : nil
    stop = request.stopStrings.isEmpty ? nil : request.stopStrings
  }
}
