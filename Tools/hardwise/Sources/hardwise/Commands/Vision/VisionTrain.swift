import ArgumentParser
import Foundation
import ReproductionKit
import TinyNN
import VisionModels

/// `hardwise vision train`
struct VisionTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a network by a recipe, from scratch.",
    discussion: """
      Writes a self-describing checkpoint, and beside it the train state, from which --resume continues bit for bit. Ctrl-C \
      finishes the step and writes the state.
      """)

  @Option(help: "Recipe: \(Recipe.names.joined(separator: ", ")).")
  var recipe = "airbench93"

  @OptionGroup var data: DataOption

  @Option(help: ArgumentHelp("The trained network.", valueName: "file"))
  var out: String?

  @Option(help: "Epochs, instead of the recipe's.")
  var epochs: Double?

  @Option(help: "Shorten the recipe so that it takes at most about so many minutes here, judged by a few first steps.")
  var minutes: Double?

  @Option(help: "Only so many training images, the same number of every class.")
  var images: Int?

  @Option(help: "Rounding of what convolutions and linear layers multiply.")
  var precision = ProductPrecision.float32

  @Option(help: "Seed of every random stream.")
  var seed: UInt64 = 0

  @Flag(help: "Continue from the train state.")
  var resume = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    for (name, value) in [("--epochs", epochs), ("--minutes", minutes), ("--images", images.map(Double.init))] {
      if let value, !(value > 0) { throw ValidationError("\(name) is \(value); give a positive number") }
    }
    if epochs != nil, minutes != nil { throw ValidationError("give --epochs or --minutes, not both") }
    if resume, minutes != nil {
      throw ValidationError("a resumed training has its length already: give the --epochs that --minutes chose")
    }
  }

  func run() throws {
    var splits = try data.open()
    if recipe != "digits" { splits = splits.rgb(size: 32) }
    let training = images.map { splits.train.stratified(count: $0, seed: seed).chosen } ?? splits.train
    var recipe = try Recipe.named(recipe, images: training, seed: seed)
    if let epochs { recipe.configuration.epochs = epochs }
    recipe.configuration.precision = precision
    var network = try recipe.network(for: training)

    let file = URL(fileURLWithPath: out ?? "\(recipe.name)-\(splits.name).safetensors")
    let handler = InterruptionHandler()
    defer { handler.uninstall() }
    let sink = TerminalProgressSink()
    let progress = ProgressReporter(sink: sink).phase(recipe.name)
    if let minutes {
      progress.report(0, "timing a few steps")
      let pace = try TrainingPace(measuring: recipe.configuration, of: network, on: training)
      recipe.configuration.epochs = min(recipe.configuration.epochs, pace.epochs(minutes: minutes))
      progress.message(
        String(
          format: "%.1f epochs fit into %g min at %.0f images/s", recipe.configuration.epochs, minutes,
          pace.imagesPerSecond))
    }
    var trainer = Trainer(recipe.configuration)
    trainer.checkpoint = file.deletingPathExtension().appendingPathExtension("train.safetensors")
    trainer.isCancelled = { handler.flag.isRaised }
    trainer.onStep = { step in
      progress.report(
        step.step, of: step.totalSteps,
        String(format: "loss %.3f, %.0f images/s", step.loss, step.imagesPerSecond))
      return .continue
    }
    let report = try trainer.fit(&network, on: training, resume: resume)
    sink.finish()
    if case .diverged(let step, let rate) = report.outcome {
      throw Diverged(step: step, learningRate: rate, file: file.path)
    }
    try network.save(to: file)
    let evaluation = try EvaluationReport(
      evaluating: network, on: splits.test, augmentation: recipe.testTimeAugmentation)
    let outcome = Outcome(file: file.path, training: report, evaluation: evaluation)
    try output.emit(
      outcome,
      text: String(
        format: "%@: top-1 %.2f %% on %@ (%d images), %d steps in %.0f s, %.0f images/s", file.path,
        100 * evaluation.accuracy, evaluation.data, evaluation.images, report.steps, report.seconds,
        report.imagesPerSecond))
    if handler.flag.isRaised { throw Interrupted() }
  }

  private struct Outcome: Encodable {
    let file: String
    let training: TrainingReport
    let evaluation: EvaluationReport
  }

  private struct Diverged: Error, CustomStringConvertible {
    let step: Int
    let learningRate: Float
    let file: String

    var description: String {
      "the loss became infinite or NaN at step \(step) with learning rate \(learningRate); no checkpoint was written to "
        + "\(file); lower the learning rate or choose another seed"
    }
  }
}

extension ProductPrecision: ExpressibleByArgument {}
