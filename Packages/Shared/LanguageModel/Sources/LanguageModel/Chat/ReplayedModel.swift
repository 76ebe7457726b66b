import Foundation
import JSONC

/// Answers from a recording: the same pieces of text, the same numbers, byte for byte, and no model is needed.
///
/// A request that was recorded several times is answered by its recordings in order, and by the last one from then on. One that was
/// not recorded is an error, never an invented answer.
public struct ReplayedModel: LikelihoodModel {
  private let path: String
  private let calls: [String: [RecordedCall]]
  private let requests: [ChatRequest]
  private let name: String
  private let cursor = ReplayCursor()

  /// Opens a file that a ``RecordingModel`` wrote.
  ///
  /// - Throws: ``RecordingError``, with the line that is damaged.
  public init(contentsOf url: URL) throws(RecordingError) {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .inaccessible(path: url.path, problem: error.localizedDescription)
    }
    var calls: [String: [RecordedCall]] = [:]
    var requests: [ChatRequest] = []
    var name = "recording"
    for (index, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty {
      let call = try Self.call(Data(line), path: url.path, line: index + 1)
      calls[call.key, default: []].append(call)
      if let request = call.chat { requests.append(request) }
      name = call.model
    }
    self.path = url.path
    self.calls = calls
    self.requests = requests
    self.name = name
  }

  private static func call(_ data: Data, path: String, line: Int) throws(RecordingError) -> RecordedCall {
    let call: RecordedCall
    let key: String?
    do {
      call = try JSON.decode(RecordedCall.self, from: data)
      key = try call.chat.map { try RequestKey.key(of: $0) } ?? call.scoring.map { try RequestKey.key(of: $0) }
    } catch {
      throw .damaged(path: path, line: line, problem: "not a recorded call (\(error))")
    }
    guard key == call.key else { throw .damaged(path: path, line: line, problem: "the key is not that of the request") }
    guard call.chat == nil ? call.scores?.count == call.scoring?.continuations.count : call.finishReason != nil else {
      throw .damaged(path: path, line: line, problem: "the answer is missing")
    }
    return call
  }

  public var capabilities: ChatCapabilities {
    ChatCapabilities(
      name: name, origin: .replayed,
      scoresLikelihoods: calls.values.contains { $0.contains { $0.scoring != nil } })
  }

  public func complete(_ request: ChatRequest) -> AsyncThrowingStream<ChatEvent, any Error> {
    AsyncThrowingStream { continuation in
      let task = Task {
        do {
          let call = try await next(RequestKey.key(of: request)) { difference(of: request) }
          for piece in call.pieces ?? [] { continuation.yield(.text(piece)) }
          continuation.yield(.finished(call.finishReason ?? .stopToken, call.usage))
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  public func score(_ continuations: [String], after prompt: ScoringPrompt) async throws -> [Double] {
    let request = ScoringRequest(prompt: prompt, continuations: continuations)
    let call = try await next(RequestKey.key(of: request)) {
      "no likelihoods of these \(continuations.count) continuations behind this prompt"
    }
    return call.scores ?? []
  }

  private func next(_ key: String, _ difference: () -> String) async throws -> RecordedCall {
    guard let recorded = calls[key], let last = recorded.last else {
      throw RecordingError.notRecorded(path: path, difference: difference())
    }
    let index = await cursor.advance(key)
    return index < recorded.count ? recorded[index] : last
  }

  /// What tells the request from the recorded one that begins most like it.
  private func difference(of request: ChatRequest) -> String {
    let common = requests.map { recorded in
      zip(recorded.messages, request.messages).prefix { $0 == $1 }.count
    }
    guard let longest = common.max(), let index = common.firstIndex(of: longest) else { return "the file is empty" }
    let nearest = requests[index]
    if nearest.messages == request.messages { return "its options differ from those of the same conversation" }
    guard longest < request.messages.count else {
      return "the nearest conversation has \(nearest.messages.count) messages, this one \(request.messages.count)"
    }
    return "message \(longest + 1) (\(request.messages[longest].role.rawValue)) differs from the nearest recording"
  }
}

/// How often each request was answered.
private actor ReplayCursor {
  private var counts: [String: Int] = [:]

  func advance(_ key: String) -> Int {
    defer { counts[key, default: 0] += 1 }
    return counts[key, default: 0]
  }
}
