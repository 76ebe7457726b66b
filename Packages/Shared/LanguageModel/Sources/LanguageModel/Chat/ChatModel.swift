/// A model that one can talk to: the local runtime, a server, a recording.
///
/// ```swift
/// for try await event in model.complete(ChatRequest([.user("What is a crossbar?")])) {
///   if case .text(let piece) = event { print(piece, terminator: "") }
/// }
/// ```
public protocol ChatModel: Sendable {
  /// What the model is and what it can do.
  var capabilities: ChatCapabilities { get }

  /// Answers a conversation.
  ///
  /// - Returns: pieces of text as they come, then exactly one ``ChatEvent/finished(_:_:)``. The stream throws what went wrong.
  ///   Cancelling the task that reads it, or dropping it, stops the work.
  func complete(_ request: ChatRequest) -> AsyncThrowingStream<ChatEvent, any Error>
}

extension ChatModel {
  /// Waits for the whole answer.
  ///
  /// - Throws: what the stream throws; `CancellationError` if it ended early because the task was cancelled.
  public func reply(to request: ChatRequest) async throws -> ChatReply {
    var text = ""
    for try await event in complete(request) {
      switch event {
      case .text(let piece): text += piece
      case .finished(let reason, let usage): return ChatReply(text: text, finishReason: reason, usage: usage)
      }
    }
    throw CancellationError()
  }
}
