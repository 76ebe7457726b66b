import FileKit
import Foundation
import JSONC

/// A conversation to be continued, and how.
public struct ChatRequest: Sendable, Hashable, Codable {
  /// The conversation so far; its last turn is usually the user's.
  public var messages: [ChatMessage]
  /// How tokens are chosen.
  public var sampling: SamplingOptions
  /// The most tokens to generate.
  public var maximumTokens: Int
  /// Texts that end the answer; they are not part of it.
  public var stopStrings: [String]

  /// A request.
  public init(
    _ messages: [ChatMessage], sampling: SamplingOptions = .greedy, maximumTokens: Int = 256, stopStrings: [String] = []
  ) {
    self.messages = messages
    self.sampling = sampling
    self.maximumTokens = maximumTokens
    self.stopStrings = stopStrings
  }
}

/// Names requests by their content.
enum RequestKey {
  /// The SHA-256 of the request's JSON, which has its keys in a fixed order.
  static func key(of request: some Encodable) throws -> String { SHA256.hexDigest(of: try JSON.encode(request)) }
}
