import ArgumentParser
import Foundation
import LanguageModel
import ReproductionKit

/// `hardwise lm train-tiny`
struct LanguageTrainTiny: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-tiny", abstract: "Make the embedded tiny model anew, from nothing.",
    discussion: """
      Writes a corpus by a grammar, learns a vocabulary, trains a Llama of 0.8 million weights, and writes it in Q8_0. The same \
      options give the same file.
      """)

  @Option(help: ArgumentHelp("The GGUF file to write.", valueName: "file"))
  var out: String

  @Option(help: "Gradient steps.")
  var steps = LlamaTrainer().steps

  @Option(help: "Sequences per step.")
  var batch = LlamaTrainer().batch

  @Option(help: "Learning rate after the warm-up.")
  var learningRate = LlamaTrainer().learningRate

  @Option(help: "Seed of the corpus, the weights and the order.")
  var seed: UInt64 = LlamaTrainer().seed

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard steps > 0, batch > 0 else { throw ValidationError("--steps and --batch must be positive") }
    guard learningRate > 0, learningRate.isFinite else { throw ValidationError("--learning-rate must be positive") }
  }

  func run() throws {
    let sink = TerminalProgressSink()
    let progress = ProgressReporter(sink: sink)
    let result = try EmbeddedModel.train(
      to: URL(fileURLWithPath: out),
      trainer: LlamaTrainer(steps: steps, batch: batch, learningRate: learningRate, seed: seed)
    ) { step in
      progress.report(step.step, of: step.totalSteps, String(format: "loss %.3f", step.loss))
    }
    sink.finish()
    try output.emit(
      result,
      text: String(
        format: "%@: %d weights, trained on %d tokens in %.0f s: loss %.3f, held out %.3f nats per token", out,
        result.parameters, result.trainingTokens, result.seconds, result.trainingLoss, result.heldOutLoss))
  }
}
