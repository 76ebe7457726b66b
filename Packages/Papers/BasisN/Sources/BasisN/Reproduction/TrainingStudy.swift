import Foundation
import ImageDataset
import ReproductionKit
import TinyTensor
import VisionModels

/// Encodes and fine-tunes configurations, and measures what comes of them.
struct TrainingStudy {
  let context: RunContext
  let subject: Subject
  let workload: Workload

  /// One configuration from conversion to the trained integers; accuracies in percent.
  struct Run: Codable, Sendable {
    var name: String
    var configuration: EncodingConfiguration
    var steps: Int
    /// Relative error of all kernels after coding, unrounded.
    var codingError: Double
    /// Test accuracy after conversion, before anything else.
    var converted: Double
    /// After new batch-norm statistics.
    var recalibrated: Double
    /// After fine-tuning, exact integers.
    var trained: Double
    /// The same on the validation split.
    var validation: Double
    /// Test images behind the accuracies.
    var images: Int
    /// Losses along training, thinned out.
    var curve: [BasisNTrainer.Step]
    /// Cycles of one image and one input step with the standard lines.
    var cycles: Int
    var lowerBound: Int
    var balanced: Double
    /// Conversions of one image and one input step.
    var conversions: Int
    /// Bits of all coefficients.
    var coefficientBits: Int
    /// Set bits per kernel slice.
    var setBits: Double
    /// Images that training has seen over the training images.
    var epochs: Double
  }

  /// Summing lines per crossbar (A).
  static let linesPerCrossbar = 16

  /// Accuracy of the float network and of 8-bit digital arithmetic, in percent.
  struct Reference: Codable, Sendable {
    var float: Double
    var floatValidation: Double
    var digital: Double
    var images: Int
  }

  func reference() throws -> Reference {
    try context.step("reference") {
      let test = subject.test.prefix(workload.testImages)
      let inputs = try subject.calibration().quantizers()
      return Reference(
        float: try ErrorBudget.accuracy(subject.network, test, subject.normalization),
        floatValidation: try ErrorBudget.accuracy(
          subject.network, subject.validation.prefix(workload.baselineImages), subject.normalization),
        digital: try ErrorBudget.accuracy(
          EightBitDigital.network(subject.network, inputs: inputs), test, subject.normalization),
        images: test.count)
    }
  }

  /// Runs one configuration; the model is kept as an artefact.
  /// - Parameter isMain: whether accuracies are measured on all test images of the scale.
  func run(
    _ name: String, _ configuration: EncodingConfiguration, plan: TrainingPlan, isMain: Bool = false,
    progress: ProgressReporter
  ) throws -> (run: Run, model: BasisNModel) {
    let file = context.output.artefacts.appendingPathComponent("\(name).basisn")
    let run = try context.step("train-\(name)", as: Run.self) {
      try train(name, configuration, plan: plan, isMain: isMain, file: file, progress: progress)
    }
    if !FileManager.default.fileExists(atPath: file.path) {
      // The checkpoint was replayed from elsewhere without its model: do it again.
      _ = try train(name, configuration, plan: plan, isMain: isMain, file: file, progress: progress)
    }
    return (run, try BasisNFile.read(file))
  }

  private func train(
    _ name: String, _ configuration: EncodingConfiguration, plan: TrainingPlan, isMain: Bool, file: URL,
    progress: ProgressReporter
  ) throws -> Run {
    progress.report(0, "\(name): learning the basis")
    let bank = try SliceBank(subject.network, configuration: configuration)
    let learned = try BasisLearner(configuration).learn(from: bank)
    let code = try BasisCode(bank, basis: learned.basis, configuration: configuration)
    try context.checkCancellation()
    var trainer = try BasisNTrainer(
      plan, teacher: subject.network, images: subject.train, normalization: subject.normalization)
    trainer.isCancelled = { context.isCancelled }
    trainer.checkpoint = try context.file("train-\(name).state")
    var curve: [BasisNTrainer.Step] = []
    trainer.onStep = { step in
      if step.step % max(1, plan.steps / 60) == 0 || step.step == 1 { curve.append(step) }
      progress.report(
        step.step, of: max(1, plan.steps), "\(name): step \(step.step), loss \(String(format: "%.3f", step.loss))")
    }
    let images = subject.test.prefix(isMain ? workload.testImages : workload.baselineImages)
    let converted = try ErrorBudget.accuracy(code.network(subject.network), images, subject.normalization)
    let recalibrated = try ErrorBudget.accuracy(
      trainer.recalibrated(subject.network, code: code), images, subject.normalization)
    let outcome = try trainer.train(code, network: subject.network, resume: true)
    try context.checkCancellation()
    let model = try export(outcome)
    try BasisNFile.write(model, to: file)
    let integers = try model.integerNetwork()
    let schedule = try self.schedule(model)
    return Run(
      name: name, configuration: configuration, steps: outcome.steps, codingError: learned.errors.last ?? 0,
      converted: converted, recalibrated: recalibrated,
      trained: try ErrorBudget.accuracy(integers, images, subject.normalization),
      validation: try ErrorBudget.accuracy(
        integers, subject.validation.prefix(workload.baselineImages), subject.normalization), images: images.count,
      curve: curve, cycles: schedule.cycles, lowerBound: schedule.lowerBound, balanced: schedule.balanced,
      conversions: schedule.conversions, coefficientBits: model.coefficientBits,
      setBits: Double(model.layers.reduce(0) { $0 + $1.setBits }) / Double(code.coefficients.shape[0]),
      epochs: Double(outcome.steps * plan.batchSize) / Double(subject.train.count))
  }

  /// Integers of a trained code, with input ranges of the trained network on training images.
  private func export(_ outcome: BasisNTrainer.Outcome) throws -> BasisNModel {
    let images = subject.train.batch(0..<min(64, subject.train.count), normalization: subject.normalization).images
    let inputs = try LayerInputs(of: outcome.code.layers.map(\.shape.name), in: outcome.network, images: images)
    var network = outcome.network
    network.normalization = subject.normalization
    return try BasisNModel(outcome.code, network: network, inputs: inputs.quantizers())
  }

  /// The schedule with the analog combiner and the standard number of lines.
  func schedule(_ model: BasisNModel) throws -> NetworkSchedule {
    let crossbars = (model.basis.count + 63) / 64
    return try NetworkSchedule(
      model, lines: Self.linesPerCrossbar * crossbars, rounds: workload.scheduleRounds, seed: context.seed)
  }

  /// The recipe for a number of steps.
  func plan(steps: Int, contest: Float = 0, joint: Bool = true) -> TrainingPlan {
    let isSmall = subject.train.width < 32
    return TrainingPlan(
      steps: steps, joint: joint, contest: contest,
      augmentation: isSmall ? Augmentation(cropPadding: 1) : .standard, seed: context.seed)
  }
}
