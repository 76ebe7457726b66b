import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit

/// `hardwise basissharing finetune`
struct CompressFinetune: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Recover a compressed file: low-rank adapters on the coefficients of query and value, merged at the end.",
    discussion: "--full trains all bases and coefficients instead, with five times the memory.")

  @OptionGroup var compressed: CompressedArguments

  @Option(help: ArgumentHelp("Training text; WikiText-2's training head by default.", valueName: "file"))
  var text: String?

  @Option(help: "Steps of one sequence each.")
  var steps = 150

  @Option(help: "Tokens per sequence.")
  var length = 512

  @Option(help: "Rank of the adapters.")
  var rank = 8

  @Flag(help: "Train all factors instead of adapters.")
  var full = false

  @Option(help: "Constant learning rate of AdamW; 1e-4 for adapters, 2e-6 for all factors.")
  var learningRate: Float?

  @Option(help: "Seed of the adapters' start.")
  var seed: UInt64 = 0

  @OptionGroup var work: WorkArguments

  @OptionGroup var output: OutputOptions

  /// Refuses impossible values, before any file is opened.
  private func check() throws {
    try work.check()
    _ = try compressed.precision()
    guard steps > 0, length > 1, rank > 0, learningRate.map({ $0 > 0 }) ?? true else {
      throw ValidationError("--steps, --length, --rank and --learning-rate must be positive, --length at least 2")
    }
  }

  func run() throws {
    try check()
    let file = try compressed.open()
    let tokens = try CalibrationArguments.tokens(
      file, text, set: "wikitext2", member: "wiki.train.head.raw", option: "--text")
    var model = try CompressedModel(file)
    let state = URL(fileURLWithPath: compressed.out + ".recovery.safetensors")
    try work.claim(state)
    let long = LongWork()
    let start = ContinuousClock.now
    let losses: [Double]
    if full {
      losses = try FactorTuning(learningRate: learningRate ?? 2e-6, steps: steps, length: length).train(
        &model, on: tokens, checkpoint: state, progress: long.progress, isCancelled: { long.isCancelled })
    } else {
      losses = try CoefficientLoRA(
        rank: rank, learningRate: learningRate ?? 1e-4, steps: steps, length: length, seed: seed
      ).train(&model, on: tokens, checkpoint: state, progress: long.progress, isCancelled: { long.isCancelled })
    }
    long.finish()
    let tail = losses.suffix(max(1, losses.count / 5))
    Terminal.remark(
      String(
        format: "loss %.3f at the start, %.3f over the last %d steps", losses[0], Statistics.mean(Array(tail)),
        tail.count))
    try compressed.write(model, file, since: start, output)
    try? FileManager.default.removeItem(at: state)
  }
}
