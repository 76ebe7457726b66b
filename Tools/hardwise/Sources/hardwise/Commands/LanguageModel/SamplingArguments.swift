import ArgumentParser
import LanguageModel

/// How tokens are chosen, for commands that generate.
struct SamplingArguments: ParsableArguments {
  @Option(help: "0 takes the most probable token, 1 the model's own distribution.")
  var temperature = 0.2

  @Option(help: "Only the k most probable tokens; 0 means all.")
  var topK = 0

  @Option(help: "Only the most probable tokens that together reach this probability.")
  var topP = 0.9

  @Option(help: "Only tokens at least this fraction as probable as the most probable one.")
  var minP = 0.0

  @Option(help: "Makes tokens that occurred recently less likely; 1 is off.")
  var repetitionPenalty = 1.0

  @Option(help: "Seed of the draws.")
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Most tokens to generate.", valueName: "count"))
  var maxTokens = 256

  @Option(help: ArgumentHelp("Text that ends the output; repeatable.", valueName: "text"))
  var stop: [String] = []

  func validate() throws {
    guard maxTokens > 0 else { throw ValidationError("--max-tokens is \(maxTokens); give a positive number") }
  }

  var sampling: SamplingOptions {
    SamplingOptions(
      temperature: temperature, topK: topK, topP: topP, minP: minP, repetitionPenalty: repetitionPenalty, seed: seed)
  }
}
