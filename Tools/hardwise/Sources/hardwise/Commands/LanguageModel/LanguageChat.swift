import ArgumentParser
import Foundation
import LanguageModel
import ReproductionKit

/// `hardwise lm chat`
struct LanguageChat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat", abstract: "Talk to a model in the terminal, or through a pipe.",
    discussion: """
      Ctrl-C stops an answer, Ctrl-D leaves, /help lists the commands. From a pipe every line is a message, and lines between \
      two lines of \"\"\" are one. Without --endpoint nothing leaves this machine.
      """)

  @OptionGroup var runtime: RuntimeArguments
  @OptionGroup var template: TemplateArguments
  @OptionGroup var sampling: SamplingArguments
  @OptionGroup var endpoint: EndpointArguments

  @Option(help: ArgumentHelp("Instructions to the model.", valueName: "text"))
  var system: String?

  @Flag(help: "Print one JSON line per answer.")
  var json = false

  func run() async throws {
    let model = try endpoint.model {
      let (file, model) = try runtime.load()
      return LocalChatModel(model, tokenizer: try file.tokenizer(), template: try template.template(of: file))
    }
    let terminal = RawTerminal()
    defer { terminal?.restore() }
    let talk = ChatTalk(
      model: model, input: terminal.map { LineEditor($0) } ?? PipedInput(), system: system,
      request: ChatRequest(
        [], sampling: sampling.sampling, maximumTokens: sampling.maxTokens, stopStrings: sampling.stop),
      isInteractive: terminal != nil, printsJSON: json)
    // At the prompt the terminal hands over Ctrl-C as a byte; as a signal it comes only during an answer.
    let stop = talk.stopAnswer
    let handler = terminal == nil ? nil : InterruptionHandler(signals: [SIGINT], onFirst: stop, onSecond: stop)
    defer { handler?.uninstall() }
    if terminal != nil { Terminal.remark("talking to \(model.capabilities.name); /help lists the commands") }
    await talk.run()
    if talk.hasFailed && terminal == nil { throw ExitStatus.badInput.code }
  }
}
