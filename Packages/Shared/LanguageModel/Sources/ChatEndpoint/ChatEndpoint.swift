import Foundation
import JSONC
import LanguageModel

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A server with an OpenAI-compatible API, such as llama.cpp's, Ollama, vLLM or a hosted service, as a `ChatModel`.
///
/// ```swift
/// let server = try ChatEndpoint(url: "http://localhost:8080", model: "qwen2.5-7b-instruct")
/// for try await event in server.complete(ChatRequest([.user("What is a crossbar?")])) {
///   if case .text(let piece) = event { print(piece, terminator: "") }
/// }
/// ```
///
/// Nothing but the given address is ever contacted. Requests that fail for a passing reason (no connection, status 429 or 5xx)
/// are sent again as the ``RetryPolicy`` says, but never once text has come.
public struct ChatEndpoint: ChatModel {
  /// The address of the chat completions.
  public let url: URL
  /// The model's name on the server.
  public let model: String
  /// How the endpoint behaves.
  public let options: EndpointOptions
  private let key: String?

  /// An endpoint; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - address: the server's base address; `/v1` is added where it has no path, and `/chat/completions` always.
  ///   - model: the model's name on the server.
  ///   - key: sent as a bearer token, if given.
  ///   - options: timeout, retries.
  /// - Throws: ``EndpointError`` for an address that is none.
  public init(
    url address: String, model: String, key: String? = nil, options: EndpointOptions = EndpointOptions()
  ) throws(EndpointError) {
    guard let base = URL(string: address), let scheme = base.scheme?.lowercased(),
      ["http", "https"].contains(scheme), base.host?.isEmpty == false
    else {
      throw EndpointError(.invalidAddress, address: address, "this is no http or https address")
    }
    var url = base
    if base.path.isEmpty || base.path == "/" { url.appendPathComponent("v1") }
    if !url.path.hasSuffix("/chat/completions") { url.appendPathComponent("chat/completions") }
    self.url = url
    self.model = model
    self.key = key
    self.options = options
  }

  public var capabilities: ChatCapabilities { ChatCapabilities(name: model, origin: .remote) }

  public func complete(_ request: ChatRequest) -> AsyncThrowingStream<ChatEvent, any Error> {
    AsyncThrowingStream { continuation in
      let task = Task {
        do {
          try await completeWithRetries(request) { continuation.yield($0) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  private func completeWithRetries(_ request: ChatRequest, _ emit: (ChatEvent) -> Void) async throws {
    let message = try message(request)
    var generator = SystemRandomNumberGenerator()
    var failures = 0
    while true {
      var hasText = false
      var retryAfter: Double?
      do {
        try await attempt(message, retryAfter: &retryAfter) { event in
          hasText = true
          emit(event)
        }
        return
      } catch var error as EndpointError {
        try Task.checkCancellation()
        failures += 1
        error.attempts = failures
        if hasText || !error.isTransient || failures >= options.retries.attempts { throw error }
        let delay = options.retries.delay(afterFailures: failures, retryAfter: retryAfter, using: &generator)
        try await Task.sleep(for: .seconds(delay))
      }
    }
  }

  private func message(_ request: ChatRequest) throws -> URLRequest {
    var message = URLRequest(url: url)
    message.httpMethod = "POST"
    message.setValue("application/json", forHTTPHeaderField: "Content-Type")
    message.setValue("text/event-stream, application/json", forHTTPHeaderField: "Accept")
    if let key { message.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
    message.httpBody = try JSON.encode(
      CompletionBody(request, model: model, asksForUsage: options.asksForUsage))
    return message
  }

  /// Sends the request once.
  private func attempt(
    _ message: URLRequest, retryAfter: inout Double?, _ emit: (ChatEvent) -> Void
  ) async throws {
    var status = 200
    var reader = AnswerReader(url: url, contentType: nil)
    var refusal = Data()
    for try await part in HTTPExchange.send(message, to: url, timeout: options.timeout) {
      switch part {
      case .head(let code, let headers):
        status = code
        retryAfter = headers["retry-after"].flatMap(Double.init)
        reader = AnswerReader(url: url, contentType: headers["content-type"])
      case .body(let data) where status == 200:
        try reader.append(data) { emit(.text($0)) }
      case .body(let data): if refusal.count < 1 << 16 { refusal += data }
      }
    }
    try Task.checkCancellation()
    guard status == 200 else { throw failure(status, refusal) }
    let (pieces, last) = try reader.finish()
    for piece in pieces { emit(.text(piece)) }
    emit(last)
  }

  private func failure(_ status: Int, _ body: Data) -> EndpointError {
    let said = (try? JSON.decode(CompletionAnswer.self, from: body))?.error?.message
    let detail = said ?? (body.isEmpty ? nil : AnswerReader.excerpt(body))
    let kind: EndpointError.Kind =
      switch status {
      case 429: .rateLimited
      case 500...: .server
      default: .refused
      }
    return EndpointError(
      kind, url: url, status: status, "the server answered with status \(status)" + (detail.map { ": \($0)" } ?? ""))
  }
}
