import Foundation
import LanguageModel
import Testing

@Suite("Recording and replay")
struct RecordingTests {
  /// Says the last message backwards, letter by letter, with the number of the call.
  private actor Backwards {
    private var calls = 0

    func answer(_ text: String) -> [String] {
      calls += 1
      return text.reversed().map(String.init) + [" #\(calls)"]
    }
  }

  private struct Parrot: LikelihoodModel {
    let voice = Backwards()

    var capabilities: ChatCapabilities { ChatCapabilities(name: "parrot", origin: .local, scoresLikelihoods: true) }

    func complete(_ request: ChatRequest) -> AsyncThrowingStream<ChatEvent, any Error> {
      AsyncThrowingStream { continuation in
        Task {
          for piece in await voice.answer(request.messages.last?.content ?? "") { continuation.yield(.text(piece)) }
          continuation.yield(.finished(.stopToken, TokenUsage(promptTokens: 1, completionTokens: 2)))
          continuation.finish()
        }
      }
    }

    func score(_ continuations: [String], after prompt: ScoringPrompt) async throws -> [Double] {
      continuations.map { -1 / Double(3 + $0.count) }
    }
  }

  private func events(_ model: some ChatModel, _ request: ChatRequest) async throws -> [ChatEvent] {
    var events: [ChatEvent] = []
    for try await event in model.complete(request) { events.append(event) }
    return events
  }

  @Test("a replay gives the same pieces and numbers, call by call, over recordings that grew")
  func roundTrip() async throws {
    let folder = try TemporaryFolder()
    let file = folder.file("calls.jsonl")
    let requests = [
      ChatRequest(
        [.user("Grüße 😀\n\"quoted\"")], sampling: SamplingOptions(temperature: 0.7, seed: 5), maximumTokens: 7),
      ChatRequest([.system("s"), .user("b")], stopStrings: ["x", "\n"]),
      ChatRequest([.system("s"), .user("b")], stopStrings: ["x", "\n"]),
    ]
    var expected: [[ChatEvent]] = []
    for request in requests {
      // A new recorder each time: files are continued.
      let recorder = try RecordingModel(Parrot(), to: file)
      expected.append(try await events(recorder, request))
    }
    let scorer = try RecordingModel(Parrot(), to: file)
    let scores = try await scorer.score(["a", "bcd", "ef"], after: ScoringPrompt("p", answering: [.user("q")]))

    let replay = try ReplayedModel(contentsOf: file)
    for (request, answer) in zip(requests, expected) { #expect(try await events(replay, request) == answer) }
    // The last answer stays.
    #expect(try await events(replay, requests[2]) == expected[2])
    let prompt = ScoringPrompt("p", answering: [.user("q")])
    #expect(try await replay.score(["a", "bcd", "ef"], after: prompt) == scores)
    #expect(replay.capabilities == ChatCapabilities(name: "parrot", origin: .replayed, scoresLikelihoods: true))
    await #expect(throws: RecordingError.self) { try await replay.score(["a"], after: prompt) }
  }

  @Test("what was not recorded is refused, with the first difference")
  func misses() async throws {
    let folder = try TemporaryFolder()
    let file = folder.file("calls.jsonl")
    let recorded = ChatRequest([.system("s"), .user("b")])
    _ = try await RecordingModel(Parrot(), to: file).reply(to: recorded)
    let replay = try ReplayedModel(contentsOf: file)
    func complaint(_ request: ChatRequest) async throws -> String {
      do {
        let reply = try await replay.reply(to: request)
        return "answered \(reply.text)"
      } catch let error as RecordingError {
        return error.description
      }
    }
    #expect(try await complaint(ChatRequest([.system("s"), .user("c")])).contains("message 2 (user) differs"))
    #expect(try await complaint(ChatRequest([.user("s")])).contains("message 1 (user) differs"))
    #expect(try await complaint(ChatRequest([.system("s")])).contains("has 2 messages, this one 1"))
    #expect(try await complaint(ChatRequest([.system("s"), .user("b")], maximumTokens: 1)).contains("options differ"))
  }

  @Test("damaged recordings name the line")
  func damage() async throws {
    let folder = try TemporaryFolder()
    let file = folder.file("calls.jsonl")
    for word in ["one", "two"] {
      _ = try await RecordingModel(Parrot(), to: file).reply(to: ChatRequest([.user(word)]))
    }
    let text = try String(contentsOf: file, encoding: .utf8)
    let damages = [
      text + "{\"key\":", text + "[]\n", text.replacingOccurrences(of: "\"two\"", with: "\"tow\""),
      text.replacingOccurrences(of: "finishReason", with: "finishReasons"),
    ]
    for (index, damaged) in damages.enumerated() {
      try damaged.write(to: file, atomically: true, encoding: .utf8)
      do {
        _ = try ReplayedModel(contentsOf: file)
        Issue.record("damage \(index) was not noticed")
      } catch {
        guard case .damaged(_, let line, _) = error else {
          Issue.record("\(error)")
          continue
        }
        #expect(line == [3, 3, 2, 1][index])
      }
    }
    #expect(throws: RecordingError.self) { try ReplayedModel(contentsOf: folder.file("absent.jsonl")) }
    #expect(throws: RecordingError.self) { try RecordingModel(Parrot(), to: folder.url) }
  }
}
