import ArgumentParser
import Foundation
import LanguageModel
import ReproductionKit

/// `hardwise lm score`
struct LanguageScore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score", abstract: "How probable texts are behind a prompt.",
    discussion: """
      hardwise lm score "The capital of France is" " Paris" " London"

      All texts are scored in one pass behind the shared prompt. A text that begins a word should begin with its space.
      """)

  @Argument(help: "What stands before the texts; with --chat, a question to the model.")
  var prompt: String

  @Argument(help: "The texts.")
  var continuations: [String]

  @OptionGroup var runtime: RuntimeArguments
  @OptionGroup var template: TemplateArguments

  @Flag(help: "Write the prompt as a user's message in the model's chat format.")
  var chat = false

  @OptionGroup var output: OutputOptions

  func run() async throws {
    let (file, model) = try runtime.load()
    let scorer = LocalChatModel(
      model, tokenizer: try file.tokenizer(),
      template: chat ? try template.template(of: file) : ChatTemplate(.chatML))
    let scores = try await scorer.score(
      continuations, after: chat ? ScoringPrompt("", answering: [.user(prompt)]) : ScoringPrompt(prompt))
    let largest = scores.max() ?? 0
    let total = scores.reduce(0) { $0 + exp($1 - largest) }
    let rows = zip(continuations, scores).map { text, score in
      Row(
        text: text, logLikelihood: score, tokens: scorer.tokenizer.encode(text, special: .asText).count,
        share: exp(score - largest) / total)
    }
    var table = Table(
      title: "Log-likelihood",
      columns: [
        .text("text"), .number("ln p", decimals: 3), .number("tokens", decimals: 0),
        .number("ln p per token", decimals: 3), .number("share", unit: "%", decimals: 1),
      ])
    for row in rows {
      table.append([
        .text(row.text), .number(row.logLikelihood), .integer(row.tokens),
        .number(row.logLikelihood / Double(row.tokens)), .number(100 * row.share),
      ])
    }
    try output.emit(rows, text: table.plainText(width: Terminal.width))
  }

  private struct Row: Encodable {
    let text: String
    let logLikelihood: Double
    let tokens: Int
    /// The probability among the given texts.
    let share: Double
  }
}
