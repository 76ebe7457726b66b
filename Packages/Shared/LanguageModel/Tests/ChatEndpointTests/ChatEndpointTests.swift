import ChatEndpoint
import Foundation
import JSONC
import LanguageModel
import Testing

@Suite("Chat endpoint")
struct ChatEndpointTests {
  private static let request = ChatRequest(
    [.system("Be brief."), .user("Hi")], sampling: SamplingOptions(temperature: 0.5, topP: 0.9, seed: 3),
    maximumTokens: 20, stopStrings: ["END"])

  /// An ordinary stream: a role, pieces with wide characters, the reason, the usage.
  private static let stream = [
    #"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#,
    #"{"choices":[{"delta":{"content":"Grüße, "}}]}"#, #"{"choices":[{"delta":{"content":"😀"}}]}"#,
    #"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#,
    #"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}"#,
    "[DONE]",
  ].map { "data: \($0)\n\n" }.joined()

  private func endpoint(
    _ server: LoopbackServer, attempts: Int = 3, timeout: Double = 10, key: String? = nil
  ) throws -> ChatEndpoint {
    try ChatEndpoint(
      url: server.address, model: "test-model", key: key,
      options: EndpointOptions(
        timeout: timeout, retries: RetryPolicy(attempts: attempts, firstDelay: 0.01, longestDelay: 0.05)))
  }

  /// What a request fails with.
  private func failure(_ endpoint: ChatEndpoint) async throws -> EndpointError {
    do {
      let reply = try await endpoint.reply(to: Self.request)
      Issue.record("an answer came: \(reply.text)")
      throw CancellationError()
    } catch let error as EndpointError {
      return error
    }
  }

  @Test("a stream arrives whole, cut at any byte", arguments: [1, 7, 64, 100_000])
  func stream(pieceLength: Int) async throws {
    let server = try LoopbackServer([.stream(Self.stream, pieceLength: pieceLength)])
    var events: [ChatEvent] = []
    for try await event in try endpoint(server).complete(Self.request) { events.append(event) }
    #expect(
      events == [
        .text("Grüße, "), .text("😀"),
        .finished(.stopToken, TokenUsage(promptTokens: 9, reusedTokens: 4, completionTokens: 2)),
      ])
  }

  @Test("the request says what was asked, and nothing else")
  func body() async throws {
    let server = try LoopbackServer([.stream(Self.stream)])
    _ = try await endpoint(server, key: "secret").reply(to: Self.request)
    let request = try #require(server.requests.first)
    #expect(request.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
    #expect(request.contains("Authorization: Bearer secret\r\n"))
    let start = try #require(request.range(of: "\r\n\r\n")).upperBound
    let body = try JSON.parse(String(request[start...]))
    #expect(body["model"] == "test-model")
    #expect(body["messages"]?[1]?["content"] == "Hi")
    #expect(body["max_tokens"] == 20 && body["temperature"] == 0.5 && body["top_p"] == 0.9 && body["seed"] == 3)
    #expect(body["stream"] == true && body["stop"]?[0] == "END")
    #expect(body["top_k"] == nil && body["repeat_penalty"] == nil)
  }

  @Test("a server that does not stream is understood too")
  func plain() async throws {
    let answer = #"{"choices":[{"message":{"content":"Hello"},"finish_reason":"length"}]}"#
    let server = try LoopbackServer([.answer(200, answer)])
    let reply = try await endpoint(server).reply(to: Self.request)
    #expect(reply == ChatReply(text: "Hello", finishReason: .length))
  }

  @Test("429 and 5xx are asked again, then the answer counts")
  func retries() async throws {
    let server = try LoopbackServer([
      .answer(429, #"{"error":{"message":"slow down"}}"#, headers: ["Retry-After: 0"]), .answer(503, ""),
      .stream(Self.stream),
    ])
    let reply = try await endpoint(server).reply(to: Self.request)
    #expect(reply.text == "Grüße, 😀" && server.requests.count == 3)
  }

  @Test("a server that keeps failing is given up after the allowed attempts")
  func exhausted() async throws {
    let server = try LoopbackServer(Array(repeating: .answer(500, #"{"error":"out of memory"}"#), count: 9))
    let error = try await failure(endpoint(server))
    #expect(error.kind == .server && error.status == 500 && error.attempts == 3 && server.requests.count == 3)
    #expect(error.description.contains("out of memory") && error.description.contains("tried 3 times"))
    #expect(!error.description.contains("\n"))
  }

  @Test("a refusal is final", arguments: [400, 401, 404])
  func refused(status: Int) async throws {
    let server = try LoopbackServer([.answer(status, "no\nsuch model"), .stream(Self.stream)])
    let error = try await failure(endpoint(server))
    #expect(error.kind == .refused && error.status == status && server.requests.count == 1)
    #expect(!error.description.contains("\n"))
  }

  @Test("a silent server ends in a timeout")
  func timeout() async throws {
    let server = try LoopbackServer([.stream("data: {}\n\n", hangs: true)])
    let error = try await failure(endpoint(server, attempts: 1, timeout: 0.2))
    #expect(error.kind == .timeout)
  }

  @Test(
    "nonsense is named",
    arguments: ["data: {\"choices\":\n\n", "data: <html>\n\n", "data: [1]\n\n", "data: [DONE]\n\n"])
  func malformed(body: String) async throws {
    let server = try LoopbackServer([.stream(body)])
    let error = try await failure(endpoint(server))
    #expect(error.kind == .malformed && server.requests.count == 1)
  }

  @Test("an error in the middle of a stream is the error, and is not asked again once text has come")
  func failureInStream() async throws {
    let text = #"data: {"choices":[{"delta":{"content":"Well"}}]}"# + "\n\n"
    let server = try LoopbackServer([
      .stream(text + #"data: {"error":{"message":"lost the GPU"}}"# + "\n\n"), .stream(Self.stream),
    ])
    let error = try await failure(endpoint(server))
    #expect(error.kind == .server && error.problem.contains("lost the GPU") && server.requests.count == 1)
  }

  @Test("a connection that is cut in the middle is an error, after any number of bytes", arguments: [0, 40, 120, 200])
  func cut(count: Int) async throws {
    let cut = String(decoding: Array(Self.stream.utf8).prefix(count), as: UTF8.self)
    let server = try LoopbackServer([.stream(cut)])
    let error = try await failure(endpoint(server, attempts: 1))
    #expect(error.kind == .truncated)
  }

  @Test("before any text, a cut connection is asked again")
  func cutThenWhole() async throws {
    let server = try LoopbackServer([LoopbackServer.Reply(pieces: []), .stream(""), .stream(Self.stream)])
    #expect(try await endpoint(server).reply(to: Self.request).text == "Grüße, 😀")
  }

  @Test("nobody there is an error of the connection")
  func nobody() async throws {
    let endpoint = try ChatEndpoint(url: "http://127.0.0.1:9", model: "m", options: EndpointOptions(retries: .never))
    #expect(try await failure(endpoint).kind == .connection)
  }

  @Test("cancelling the reader ends the request")
  func cancellation() async throws {
    let text = #"data: {"choices":[{"delta":{"content":"Well"}}]}"# + "\n\n"
    let server = try LoopbackServer([.stream(text, hangs: true)])
    let endpoint = try endpoint(server)
    let task = Task { try await endpoint.reply(to: Self.request) }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("addresses", arguments: ["", "localhost:8080", "ftp://host/", "http://", "/v1"])
  func addresses(address: String) throws {
    #expect(throws: EndpointError.self) { try ChatEndpoint(url: address, model: "m") }
  }

  @Test("a path of its own is kept")
  func paths() throws {
    func path(_ address: String) throws -> String { try ChatEndpoint(url: address, model: "m").url.absoluteString }
    #expect(try path("http://host:1") == "http://host:1/v1/chat/completions")
    #expect(try path("http://host:1/") == "http://host:1/v1/chat/completions")
    #expect(try path("https://host/api/v3") == "https://host/api/v3/chat/completions")
    #expect(try path("https://host/v1/chat/completions") == "https://host/v1/chat/completions")
  }
}
