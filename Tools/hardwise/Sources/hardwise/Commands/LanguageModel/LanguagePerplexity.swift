import ArgumentParser
import Foundation
import LanguageModel
import ReproductionKit

/// `hardwise lm perplexity`
struct LanguagePerplexity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "perplexity", abstract: "How well a model predicts a text, over windows.")

  @Option(help: ArgumentHelp("The text; - reads standard input.", valueName: "file"))
  var text: String

  @Option(help: "Tokens per window.")
  var window = 1024

  @Option(help: "Only the first so many windows.")
  var windows: Int?

  @OptionGroup var runtime: RuntimeArguments
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard window > 1 else { throw ValidationError("--window is \(window); give at least 2") }
    if let windows, windows < 1 { throw ValidationError("--windows is \(windows); give a positive number") }
  }

  func run() throws {
    let content = try TextInput.file(text)
    let (file, model) = try runtime.load()
    let tokens = try file.tokenizer().encode(content, special: .asText)
    guard window <= model.contextLimit else {
      throw ValidationError("--window is \(window), the model's context \(model.contextLimit); give at most that")
    }
    let total = min(windows ?? .max, (tokens.count + window - 1) / window)
    let sink = TerminalProgressSink()
    let progress = ProgressReporter(sink: sink)
    let clock = ContinuousClock()
    let start = clock.now
    let result = try model.perplexity(of: tokens, window: window, windows: windows) { progress.report($0, of: total) }
    let seconds = start.duration(to: clock.now).seconds
    sink.finish()
    let summary = Summary(
      model: file.url.lastPathComponent, perplexity: result.value, meanLoss: result.meanLoss,
      predictedTokens: result.tokens, window: window, windowLosses: result.windowLosses, seconds: seconds)
    try output.emit(
      summary,
      text: String(
        format: "perplexity %.4f over %d tokens in %d windows of %d (%.4f nats per token, %.0f tokens/s)", result.value,
        result.tokens, result.windowLosses.count, window, result.meanLoss, Double(result.tokens) / seconds))
  }

  private struct Summary: Encodable {
    let model: String
    let perplexity, meanLoss: Double
    let predictedTokens, window: Int
    let windowLosses: [Double]
    let seconds: Double
  }
}
