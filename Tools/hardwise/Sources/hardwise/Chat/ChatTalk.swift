import Foundation
import JSONC
import LanguageModel

/// Talks: takes messages, lets the model answer, obeys commands.
final class ChatTalk {
  private let model: any ChatModel
  private let input: any ChatInputSource
  private let request: ChatRequest
  private let isInteractive: Bool
  private let printsJSON: Bool
  private let stop = StopButton()
  private var conversation: Conversation
  /// Whether some message could not be answered.
  private(set) var hasFailed = false

  /// A talk; `request` carries the sampling options, its messages do not matter.
  init(
    model: any ChatModel, input: any ChatInputSource, system: String?, request: ChatRequest, isInteractive: Bool,
    printsJSON: Bool
  ) {
    self.model = model
    self.input = FencedInput(source: input)
    self.request = request
    self.isInteractive = isInteractive
    self.printsJSON = printsJSON
    conversation = Conversation(model: model.capabilities.name, system: system)
  }

  /// What Ctrl-C does while the model answers.
  var stopAnswer: @Sendable () -> Void {
    let stop = stop
    return { stop.press() }
  }

  /// Talks until the other end leaves.
  func run() async {
    while true {
      switch input.next(prompt: "> ") {
      case .end: return
      case .interrupted: Terminal.remark("Ctrl-D or /quit leaves, /help lists what else there is")
      case .message(let text):
        if text.allSatisfy(\.isWhitespace) { continue }
        guard let word = ChatWord(text) else {
          await answer(text.hasPrefix("//") ? String(text.dropFirst()) : text)
          continue
        }
        if word == .quit { return }
        obey(word)
      }
    }
  }

  private func obey(_ word: ChatWord) {
    do {
      switch word {
      case .help: Terminal.remark("commands\n" + ChatWord.overview)
      case .reset:
        conversation.reset()
        Terminal.remark("the conversation is forgotten")
      case .save(let path):
        try conversation.save(to: path)
        Terminal.remark("saved \(conversation.messages.count) messages to \(path)")
      case .load(let path):
        conversation = try Conversation.load(from: path)
        Terminal.remark("loaded \(conversation.messages.count) messages from \(path)")
      case .unknown(let line): complain("there is no command '\(line)'; /help lists them")
      case .quit: break
      }
    } catch {
      complain(String(describing: error))
    }
  }

  private func answer(_ text: String) async {
    announceLong(text)
    var request = request
    request.messages = conversation.messages + [.user(text)]
    let answer = Answer()
    do {
      try await stop.run { [model, printsJSON, request] in
        for try await event in model.complete(request) {
          switch event {
          case .text(let piece):
            answer.text += piece
            if !printsJSON { Terminal.stream(piece) }
          case .finished(let reason, let usage):
            answer.reason = reason
            answer.usage = usage
          }
        }
      }
    } catch {
      if !printsJSON && !answer.text.isEmpty { Terminal.stream("\n") }
      complain(String(describing: error))
      if answer.text.isEmpty { return }
    }
    let wasStopped = answer.reason == .cancelled
    if !printsJSON { Terminal.stream(wasStopped ? " ^C\n" : "\n") }
    if wasStopped && answer.text.isEmpty { return }
    conversation.messages = request.messages + [.assistant(answer.text)]
    report(answer, to: text)
  }

  private func report(_ answer: Answer, to message: String) {
    if printsJSON {
      let turn = Turn(user: message, assistant: answer.text, finishReason: answer.reason, usage: answer.usage)
      if let line = try? JSON.encode(turn) { Terminal.stream(String(decoding: line, as: UTF8.self) + "\n") }
    }
    switch answer.reason {
    case .length: Terminal.remark("stopped after \(request.maximumTokens) tokens; --max-tokens allows more")
    case .contextFull: Terminal.remark("the context is full; /reset makes room")
    default: break
    }
  }

  /// Says that reading a long message takes a while.
  private func announceLong(_ text: String) {
    guard isInteractive, let local = model as? LocalChatModel else { return }
    let count = local.tokenizer.encode(text, special: .asText).count
    if count > 500 { Terminal.remark("reading \(count) tokens; Ctrl-C stops") }
  }

  private func complain(_ problem: String) {
    hasFailed = true
    Terminal.complain(problem)
  }

  /// The answer as it grows. Only the task that reads it writes, and it has ended when others look.
  private final class Answer: @unchecked Sendable {
    var text = ""
    var reason = FinishReason.cancelled
    var usage: TokenUsage?
  }

  private struct Turn: Encodable {
    let user, assistant: String
    let finishReason: FinishReason
    let usage: TokenUsage?
  }
}
