import ChatEndpoint
import Foundation
import LanguageModel
import Testing

@Suite("Recording a server")
struct RecordedEndpointTests {
  @Test("what a server said is replayed piece by piece without it")
  func replay() async throws {
    let text =
      #"data: {"choices":[{"delta":{"content":"a"}}]}"# + "\n\n"
      + #"data: {"choices":[{"delta":{"content":"b"},"finish_reason":"stop"}]}"# + "\n\ndata: [DONE]\n\n"
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("recording-\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: file) }
    let request = ChatRequest([.user("Spell it.")])
    var events: [ChatEvent] = []
    do {
      let server = try LoopbackServer([.stream(text)])
      let recorder = try RecordingModel(ChatEndpoint(url: server.address, model: "speller"), to: file)
      for try await event in recorder.complete(request) { events.append(event) }
    }
    let replayed = try ReplayedModel(contentsOf: file)
    var again: [ChatEvent] = []
    for try await event in replayed.complete(request) { again.append(event) }
    #expect(again == events && again == [.text("a"), .text("b"), .finished(.stopToken, nil)])
    #expect(replayed.capabilities.name == "speller" && replayed.capabilities.origin == .replayed)
  }
}
