import Foundation
import JSONC
import LanguageModel

/// Turns the bytes of an answer into events, for servers that stream and for those that do not.
struct AnswerReader {
  private let url: URL
  private let isStream: Bool
  private var parser = ServerSentEvents()
  private var body: [UInt8] = []
  private var usage: TokenUsage?
  private var reason: FinishReason?
  private var sawChoice = false
  private var isDone = false

  /// - Parameters:
  ///   - url: the address, for error messages.
  ///   - contentType: the answer's `Content-Type`.
  init(url: URL, contentType: String?) {
    self.url = url
    isStream = contentType?.lowercased().hasPrefix("application/json") != true
  }

  /// Takes bytes; gives out the text that came with them, also what came before a failure.
  mutating func append(_ bytes: Data, _ emit: (String) -> Void) throws(EndpointError) {
    guard isStream else {
      body += bytes
      return
    }
    for data in parser.append(bytes) where !isDone {
      if data.elementsEqual("[DONE]".utf8) {
        isDone = true
      } else {
        for piece in try read(data) { emit(piece) }
      }
    }
  }

  /// The end of the answer: text that came only now, and the last event.
  mutating func finish() throws(EndpointError) -> (pieces: [String], last: ChatEvent) {
    let pieces = isStream ? [] : try read(body)
    guard let reason else {
      if isDone && !sawChoice || !isStream { throw EndpointError(.malformed, url: url, "the answer has no choices") }
      if isDone { return (pieces, .finished(.stopToken, usage)) }
      throw EndpointError(.truncated, url: url, "the answer ended in the middle")
    }
    return (pieces, .finished(reason, usage))
  }

  private mutating func read(_ data: [UInt8]) throws(EndpointError) -> [String] {
    let answer: CompletionAnswer
    do {
      answer = try JSON.decode(CompletionAnswer.self, from: Data(data))
    } catch {
      throw EndpointError(.malformed, url: url, "the answer is not understood: \(Self.excerpt(data)) (\(error))")
    }
    if let failure = answer.error { throw EndpointError(.server, url: url, "the server reports: \(failure.message)") }
    usage = answer.usage?.tokens ?? usage
    guard let choice = answer.choices?.first else { return [] }
    sawChoice = true
    if let name = choice.finishReason {
      guard let known = Self.reasons[name] else {
        throw EndpointError(.refused, url: url, "the server ended the answer for another reason: \(name)")
      }
      reason = known
    }
    let content = (choice.delta ?? choice.message)?.content ?? ""
    return content.isEmpty ? [] : [content]
  }

  private static let reasons: [String: FinishReason] = ["stop": .stopToken, "length": .length]

  static func excerpt(_ data: some Collection<UInt8>) -> String {
    let text = String(decoding: data.prefix(80), as: UTF8.self)
    return "\"\(text)\""
  }
}
