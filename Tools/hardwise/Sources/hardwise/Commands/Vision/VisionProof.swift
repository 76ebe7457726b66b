import Foundation
import ImageDataset
import ReproductionKit
import VisionModels

/// What the vision floor claims of itself, measured: no paper, but the same contract.
struct VisionProof {
  static let description = ExperimentDescription(
    id: "vision", title: "The vision floor: published accuracies, fast training from scratch")

  /// Published top-1 accuracies of the checkpoints on the 10 000 CIFAR-10 test images, in percent.
  private static let published = [20: 91.73, 32: 92.63, 44: 93.10, 56: 93.39]

  private let context: RunContext

  init(_ context: RunContext) {
    self.context = context
  }

  func report() throws -> Report {
    var builder = ReportBuilder(context)
    let phases = context.progress.phases(["weights": 1, "digits": 1, "training": 4])
    let cifar = try? ImageSource.catalog("cifar10").open { try context.catalog.resolve($0).url }
    for depth in context.scaled(quick: [20], full: [20, 32, 44, 56]) {
      builder.add(try checkpoint(depth: depth, cifar))
      phases["weights"].report(1)
    }
    builder.add(try digits(phases["digits"]))
    switch context.scale {
    case .quick: builder.add(try shortTraining(cifar, phases["training"]))
    case .full:
      let training = phases["training"].phases(["airbench93": 1, "resnet20": 2])
      for claim in try airbench(cifar, training["airbench93"]) { builder.add(claim) }
      builder.add(try oneCycle(cifar, training["resnet20"]))
    }
    return builder.build()
  }

  // MARK: - Published weights

  private func checkpoint(depth: Int, _ cifar: DatasetSplits?) throws -> Claim {
    let id = "V1.\(depth)"
    let statement = "ResNet-\(depth) scores its published accuracy on the 10 000 CIFAR-10 test images"
    let target = Self.published[depth] ?? .nan
    let name = "resnet\(depth)-cifar10"
    guard let cifar, context.catalog.isAvailable(name) else {
      return .notTested(
        id: id, statement: statement, paperValue: "\(target) %", criterion: .within(target, tolerance: 0.02),
        reason: "the CIFAR-10 images or the weights are not on this machine (`hardwise data fetch cifar10 \(name)`)")
    }
    let evaluation = try context.step("weights-\(depth)", as: EvaluationReport.self) {
      let network = try Network(loading: try context.catalog.resolve(name).url)
      return try EvaluationReport(evaluating: network, on: cifar.test, isCancelled: { context.isCancelled })
    }
    return Claim(
      id: id, statement: statement, paperValue: "\(target) %",
      measured: MeasuredValue(100 * evaluation.accuracy, unit: "%", decimals: 2),
      criterion: .within(target, tolerance: 0.0201),
      note: String(format: "%.0f images/s", evaluation.imagesPerSecond))
  }

  // MARK: - Training

  private struct Trained: Codable {
    let accuracy, plainAccuracy, loss, seconds, imagesPerSecond: Double
  }

  private func digits(_ progress: ProgressReporter) throws -> Claim {
    let splits = try DatasetReader.embeddedDigits()
    context.record(
      DataSource(
        name: "digits", origin: .real, sha256: splits.train.sha256, license: splits.train.license, location: "embedded")
    )
    let result = try train("digits", on: splits.rgb(size: 8), progress)
    return Claim(
      id: "V2", statement: "a small network learns the embedded digits",
      measured: MeasuredValue(100 * result.accuracy, unit: "%", decimals: 2), criterion: .atLeast(97),
      note: String(format: "%.1f s", result.seconds))
  }

  private func shortTraining(_ cifar: DatasetSplits?, _ progress: ProgressReporter) throws -> Claim {
    let statement = "one epoch of airbench-93 on 10 000 images brings the smoothed loss below 1.9"
    guard let cifar else { return absent("V3", statement, .atMost(1.9)) }
    let subset = DatasetSplits(
      name: cifar.name, train: cifar.train.stratified(count: 10_000, seed: context.seed).chosen, test: cifar.test)
    // The recipe's batch of 1024 leaves nine steps for 10 000 images.
    let batchSize = try context.option("batch", default: 256)
    let recipe = Recipe.airbench(
      .airbench93, epochs: 1, batchSize: batchSize, normalization: subset.train.normalization, seed: context.seed)
    let result = try train("airbench93-short", on: subset, recipe: recipe, progress)
    return Claim(
      id: "V3", statement: statement, measured: MeasuredValue(result.loss, unit: "nats", decimals: 3),
      criterion: .atMost(1.9),
      note: String(format: "batches of %d, %.0f images/s", batchSize, result.imagesPerSecond))
  }

  private func airbench(_ cifar: DatasetSplits?, _ progress: ProgressReporter) throws -> [Claim] {
    let statement = "airbench-93 from scratch with test-time augmentation"
    guard let cifar else { return [absent("V4", statement, .atLeast(92.5))] }
    let result = try train("airbench93", on: cifar, progress)
    let rate = String(format: "%.0f s, %.0f images/s", result.seconds, result.imagesPerSecond)
    return [
      Claim(
        id: "V4", statement: statement, paperValue: "93.0 %",
        measured: MeasuredValue(100 * result.accuracy, unit: "%", decimals: 2), criterion: .atLeast(92.5), note: rate),
      Claim(
        id: "V5", statement: "the same without test-time augmentation",
        measured: MeasuredValue(100 * result.plainAccuracy, unit: "%", decimals: 2), criterion: .atLeast(91.5)),
    ]
  }

  private func oneCycle(_ cifar: DatasetSplits?, _ progress: ProgressReporter) throws -> Claim {
    let statement = "ResNet-20 with a one-cycle schedule, 20 epochs"
    guard let cifar else { return absent("V6", statement, .atLeast(88)) }
    let result = try train("resnet20-onecycle", on: cifar, progress)
    return Claim(
      id: "V6", statement: statement, measured: MeasuredValue(100 * result.accuracy, unit: "%", decimals: 2),
      criterion: .atLeast(88),
      note: String(format: "%.0f s, %.0f images/s", result.seconds, result.imagesPerSecond))
  }

  private func absent(_ id: String, _ statement: String, _ criterion: Criterion) -> Claim {
    .notTested(
      id: id, statement: statement, criterion: criterion,
      reason: "CIFAR-10 is not on this machine (`hardwise data fetch cifar10`)")
  }

  /// Trains with the recipe of that name.
  private func train(_ name: String, on splits: DatasetSplits, _ progress: ProgressReporter) throws -> Trained {
    try train(
      name, on: splits, recipe: try Recipe.named(name, images: splits.train, seed: context.seed), progress)
  }

  private func train(
    _ name: String, on splits: DatasetSplits, recipe: Recipe, _ progress: ProgressReporter
  ) throws -> Trained {
    try context.step("train-\(name)", as: Trained.self) {
      var network = try recipe.network(for: splits.train)
      var trainer = Trainer(recipe.configuration)
      trainer.checkpoint = try context.file("\(name).train.safetensors")
      trainer.isCancelled = { context.isCancelled }
      var loss = Double.infinity
      trainer.onStep = { step in
        loss = step.loss
        progress.report(step.step, of: step.totalSteps, String(format: "%@: loss %.3f", name, step.loss))
        return .continue
      }
      let report = try trainer.fit(&network, on: splits.train, resume: true)
      try context.checkCancellation()
      try network.save(to: try context.file("\(name).safetensors"))
      let averaged = try EvaluationReport(
        evaluating: network, on: splits.test, augmentation: recipe.testTimeAugmentation)
      let plain = try EvaluationReport(evaluating: network, on: splits.test)
      return Trained(
        accuracy: averaged.accuracy, plainAccuracy: plain.accuracy, loss: loss,
        seconds: report.seconds, imagesPerSecond: report.imagesPerSecond)
    }
  }
}
