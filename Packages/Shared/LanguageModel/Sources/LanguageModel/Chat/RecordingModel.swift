import Foundation
import JSONC

/// Answers like another model and writes every request with its answer to a file of JSON lines, for ``ReplayedModel``.
///
/// Lines are appended as answers end, so a recording grows over runs; what was cancelled or failed is not recorded.
public struct RecordingModel<Model: ChatModel>: ChatModel {
  /// The model that answers.
  public let model: Model
  private let file: RecordingFile

  /// Records what `model` answers.
  ///
  /// - Throws: ``RecordingError`` if the file cannot be written.
  public init(_ model: Model, to url: URL) throws(RecordingError) {
    self.model = model
    file = try RecordingFile(url)
  }

  public var capabilities: ChatCapabilities { model.capabilities }

  public func complete(_ request: ChatRequest) -> AsyncThrowingStream<ChatEvent, any Error> {
    AsyncThrowingStream { continuation in
      let task = Task {
        do {
          var pieces: [String] = []
          for try await event in model.complete(request) {
            switch event {
            case .text(let piece): pieces.append(piece)
            case .finished(let reason, let usage):
              try await file.append(
                RecordedCall(
                  key: try RequestKey.key(of: request), model: capabilities.name, chat: request, pieces: pieces,
                  finishReason: reason, usage: usage))
            }
            continuation.yield(event)
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}

extension RecordingModel: LikelihoodModel where Model: LikelihoodModel {
  public func score(_ continuations: [String], after prompt: ScoringPrompt) async throws -> [Double] {
    let scores = try await model.score(continuations, after: prompt)
    let request = ScoringRequest(prompt: prompt, continuations: continuations)
    try await file.append(
      RecordedCall(
        key: try RequestKey.key(of: request), model: capabilities.name, scoring: request, scores: scores))
    return scores
  }
}

/// Appends lines, one caller at a time.
private actor RecordingFile {
  private let url: URL
  private let handle: FileHandle

  init(_ url: URL) throws(RecordingError) {
    self.url = url
    do {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      if !FileManager.default.fileExists(atPath: url.path) { try Data().write(to: url) }
      handle = try FileHandle(forWritingTo: url)
      try handle.seekToEnd()
    } catch {
      throw .inaccessible(path: url.path, problem: error.localizedDescription)
    }
  }

  deinit { try? handle.close() }

  func append(_ call: RecordedCall) throws {
    let line = try JSON.encode(call) + Data("\n".utf8)
    do {
      try handle.write(contentsOf: line)
    } catch {
      throw RecordingError.inaccessible(path: url.path, problem: error.localizedDescription)
    }
  }
}
