import LanguageModel

/// What a server answers: a piece of a stream, or everything at once where it does not stream.
struct CompletionAnswer: Decodable {
  var choices: [Choice]?
  var usage: Usage?
  var error: Failure?

  struct Choice: Decodable {
    /// The next piece, in a stream.
    var delta: Content?
    /// Everything, else.
    var message: Content?
    var finishReason: String?

    private enum CodingKeys: String, CodingKey {
      case delta, message
      case finishReason = "finish_reason"
    }
  }

  struct Content: Decodable {
    var content: String?
  }

  struct Usage: Decodable {
    var promptTokens: Int?
    var completionTokens: Int?
    var details: Details?

    struct Details: Decodable {
      var cachedTokens: Int?

      private enum CodingKeys: String, CodingKey {
        case cachedTokens = "cached_tokens"
      }
    }

    private enum CodingKeys: String, CodingKey {
      case promptTokens = "prompt_tokens"
      case completionTokens = "completion_tokens"
      case details = "prompt_tokens_details"
    }

    var tokens: TokenUsage? {
      guard let promptTokens, let completionTokens else { return nil }
      return TokenUsage(
        promptTokens: promptTokens, reusedTokens: details?.cachedTokens ?? 0, completionTokens: completionTokens)
    }
  }

  /// `{"error": {"message": "…"}}`, or `{"error": "…"}`.
  struct Failure: Decodable {
    var message: String

    private enum CodingKeys: String, CodingKey {
      case message
    }

    init(from decoder: any Decoder) throws {
      if let container = try? decoder.singleValueContainer(), let text = try? container.decode(String.self) {
        message = text
      } else {
        message = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .message)
      }
    }
  }
}
