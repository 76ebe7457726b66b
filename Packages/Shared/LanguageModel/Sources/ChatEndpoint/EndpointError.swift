import Foundation

/// Why a server's answer could not be had.
public struct EndpointError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of a failure, for programs; people read ``EndpointError/description``.
  public enum Kind: String, Sendable, Hashable {
    /// The address is none of a chat server.
    case invalidAddress
    /// No connection, or it broke.
    case connection
    /// Nothing came for too long.
    case timeout
    /// The server refused: wrong key, unknown model, impossible request.
    case refused
    /// The server asked to come back later.
    case rateLimited
    /// The server failed.
    case server
    /// The answer is not what it should be.
    case malformed
    /// The answer ended before it was complete.
    case truncated
  }

  /// The kind of failure.
  public let kind: Kind
  /// The address that was asked.
  public let url: String
  /// The HTTP status, if there was one.
  public let status: Int?
  /// What was wrong.
  public let problem: String
  /// How many times the request was sent.
  public var attempts: Int

  init(_ kind: Kind, address: String, status: Int? = nil, _ problem: String) {
    self.kind = kind
    url = address
    self.status = status
    self.problem = problem
    attempts = 1
  }

  init(_ kind: Kind, url: URL, status: Int? = nil, _ problem: String) {
    self.init(kind, address: url.absoluteString, status: status, problem)
  }

  /// Whether the same request may succeed later.
  public var isTransient: Bool {
    switch kind {
    case .connection, .timeout, .rateLimited, .server, .truncated: true
    case .invalidAddress, .refused, .malformed: false
    }
  }

  private var remedy: String {
    switch kind {
    case .invalidAddress: "give one like http://localhost:8080 or https://host/v1"
    case .connection: "see whether the server runs and the address is right"
    case .timeout: "raise the timeout or see whether the server is busy"
    case .refused:
      status == 401 || status == 403 ? "set the key's environment variable" : "see whether the server has this model"
    case .rateLimited: "try again later"
    case .server, .malformed, .truncated: "look into the server's log"
    }
  }

  /// One line: where, what was wrong, how often it was tried, how to mend.
  public var description: String {
    let times = attempts > 1 ? " (tried \(attempts) times)" : ""
    let line = "\(url): \(problem)\(times); \(remedy)"
    return String(line.map { $0.isNewline ? " " : $0 })
  }
}
