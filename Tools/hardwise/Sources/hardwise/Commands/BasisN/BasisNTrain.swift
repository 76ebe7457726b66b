import ArgumentParser
import BasisN
import Foundation
import ImageDataset
import ReproductionKit
import VisionModels

/// `hardwise basisn train`
struct BasisNTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Encode a network and fine-tune basis and coefficients, with the float network as teacher.",
    discussion: "Ctrl-C keeps the state beside the output file; --resume goes on bit-identically.")

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOption
  @OptionGroup var encoding: EncodingOptions

  @Option(help: "Steps of gradient descent.")
  var steps = 600

  @Option(help: "Images per step.")
  var batch = 64

  @Option(help: "Largest weight of the contest term Ω.")
  var contestWeight: Float = 0.1

  @Option(help: "Relative conductance variation that training is exposed to.")
  var trainVariation: Float = 0

  @Flag(help: "Update coefficients and basis in alternation, as the paper does.")
  var alternate = false

  @Option(name: .shortAndLong, help: ArgumentHelp("The encoded network.", valueName: "file"))
  var out = "model.basisn"

  @Flag(help: "Continue an interrupted run.")
  var resume = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let configuration = try encoding.configuration()
    let network = try network.load()
    let splits = try data.open(for: network.inputShape)
    let normalization = network.scaling(for: splits.train)
    let (validation, train) = splits.train.stratified(
      count: min(5_000, splits.train.count / 6), seed: configuration.seed)
    let plan = TrainingPlan(
      steps: steps, batchSize: batch, joint: !alternate, contest: contestWeight, variation: trainVariation,
      seed: configuration.seed)
    let file = URL(fileURLWithPath: out)
    let handler = InterruptionHandler()
    defer { handler.uninstall() }
    let sink = TerminalProgressSink()
    let progress = ProgressReporter(sink: sink)
    var trainer = try BasisNTrainer(plan, teacher: network, images: train, normalization: normalization)
    trainer.checkpoint = file.deletingPathExtension().appendingPathExtension("state")
    trainer.isCancelled = { handler.flag.isRaised }
    trainer.onStep = { step in
      progress.report(step.step, of: step.total, "loss \(NumberFormat.short(step.loss))")
    }
    let outcome = try trainer.train(
      BasisCode(encoding: network, configuration: configuration), network: network, resume: resume)
    sink.finish()
    if handler.flag.isRaised { throw Interrupted() }
    let model = try BasisNExport.model(
      outcome.code, network: outcome.network, images: train, normalization: normalization)
    try BasisNFile.write(model, to: file)
    let integers = try InferenceEngine(model.integerNetwork()).evaluate(validation, normalization: normalization)
    let float = try InferenceEngine(network).evaluate(validation, normalization: normalization)
    try output.emit(
      Summary(
        file: out, steps: outcome.steps, images: validation.count, float: float.accuracy, integers: integers.accuracy),
      text: """
        \(out): \(outcome.steps) steps
        validation accuracy \(percent(integers.accuracy)) with exact integers, \(percent(float.accuracy)) float \
        (\(validation.count) images held out of the training split)
        """)
  }

  private func percent(_ value: Double) -> String { String(format: "%.2f %%", 100 * value) }

  private struct Summary: Encodable {
    let file: String
    let steps: Int
    let images: Int
    let float: Double
    let integers: Double
  }
}
