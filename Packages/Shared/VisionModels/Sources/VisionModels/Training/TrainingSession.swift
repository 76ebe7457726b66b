import ImageDataset
import TinyNN
import TinyTensor

/// The moving parts of a training run: parameters, optimisers, averages and the position in the data.
final class TrainingSession {
  let configuration: TrainingConfiguration
  let totalSteps: Int
  let stepsPerEpoch: Int
  let dataKey: String
  private(set) var step = 0
  private(set) var learningRate: Float = 0
  let network: Network
  let parameters: ParameterSet
  var optimizers: [(group: OptimizerGroup, rule: any Optimizer, names: Set<String>)]
  var averager: WeightAverager
  private var epochLoss = 0.0
  private var epochCorrect = 0
  private var epochImages = 0

  /// Loss and hits of one step.
  struct StepResult {
    let loss: Double
    let regularization: Double
    let accuracy: Double
  }

  init(_ network: Network, _ configuration: TrainingConfiguration, images: LabeledImages) throws(NetworkError) {
    self.network = network
    self.configuration = configuration
    totalSteps = configuration.totalSteps(images: images.count)
    stepsPerEpoch = configuration.stepsPerEpoch(images: images.count)
    dataKey = "\(images.name):\(images.count):\(images.sha256)"
    parameters = try ParameterSet(network)
    optimizers = Self.optimizers(configuration.groups, parameters)
    averager = WeightAverager(configuration.averaging, parameters)
  }

  private static func optimizers(
    _ groups: [OptimizerGroup], _ parameters: ParameterSet
  ) -> [(group: OptimizerGroup, rule: any Optimizer, names: Set<String>)] {
    var taken: Set<String> = []
    return groups.map { group in
      let names = parameters.trainable
        .filter { (group.roles.isEmpty || group.roles.contains($0.role)) && !taken.contains($0.name) }.map(\.name)
      taken.formUnion(names)
      return (group, group.optimizer.make(), Set(names))
    }
  }

  /// The epoch of the next step.
  var epoch: Int { step / stepsPerEpoch }

  /// Whether the last step ended an epoch or the run.
  var isAtEpochEnd: Bool { step > 0 && (step % stepsPerEpoch == 0 || step == totalSteps) }

  /// What is left of the current epoch, in its order.
  func remainingBatches(of images: LabeledImages) -> BatchLoader {
    let whole = loader(images)
    let done = step % stepsPerEpoch * configuration.batchSize
    return done == 0 ? whole : loader(images, Array(whole.order.dropFirst(done)))
  }

  /// A loader of the whole epoch, shuffled, or of the given images in that order. Augmentation depends on seed, epoch and
  /// image alone, so both give the same batches.
  private func loader(_ images: LabeledImages, _ order: [Int]? = nil) -> BatchLoader {
    BatchLoader(
      images, batchSize: configuration.batchSize, normalization: configuration.normalization,
      augmentation: configuration.augmentation, seed: configuration.seed, epoch: epoch, shuffle: order == nil,
      dropLast: configuration.dropsLastBatch, indices: order)
  }

  /// One optimiser step.
  /// - Returns: nil if the loss is NaN or infinite; no weight has been changed then.
  func train(
    on batch: Batch, regularizer: ((ParameterSet) throws -> Variable?)?
  ) throws -> StepResult? {
    learningRate = configuration.schedule.learningRate(step: step, of: totalSteps)
    let logits = try withProducts(in: configuration.precision) {
      try network.forward(
        Variable(batch.images), parameters: parameters, mode: .training(seed: configuration.seed, step: step))
    }
    let isMean = configuration.reduction == .mean
    let loss = crossEntropy(
      logits, labels: batch.labels, smoothing: configuration.labelSmoothing, reduction: isMean ? .mean : .sum)
    let extra = try regularizer?(parameters)
    let objective = extra.map { loss + $0 } ?? loss
    guard objective.value.item.isFinite else { return nil }
    objective.backward()
    stepOptimizers()
    parameters.clearGradients()
    step += 1
    averager.update(parameters, step: step, of: totalSteps)
    return record(
      batch, logits: logits.value, loss: Double(loss.value.item) / (isMean ? 1 : Double(batch.labels.count)),
      regularization: Double(extra?.value.item ?? 0))
  }

  private func stepOptimizers() {
    if let limit = configuration.gradientNormLimit { clipGradientNorm(parameters.all, maximum: limit) }
    let currentEpoch = step / stepsPerEpoch
    for index in optimizers.indices {
      let names = optimizers[index].names
      let active = parameters.trainable.filter { entry in
        names.contains(entry.name) && currentEpoch < configuration.trainedUntilEpoch[entry.name] ?? Int.max
      }
      optimizers[index].rule.step(
        active.map(\.variable), learningRate: learningRate * optimizers[index].group.learningRateScale)
    }
  }

  private func record(_ batch: Batch, logits: Tensor, loss: Double, regularization: Double) -> StepResult {
    let hits = zip(logits.argmaxRows(), batch.labels).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    epochLoss += loss * Double(batch.labels.count)
    epochCorrect += hits
    epochImages += batch.labels.count
    return StepResult(
      loss: loss, regularization: regularization, accuracy: Double(hits) / Double(batch.labels.count))
  }

  // MARK: - Reports and snapshots

  func report(_ result: StepResult, imagesPerSecond: Double) -> StepReport {
    StepReport(
      step: step, totalSteps: totalSteps, epoch: (step - 1) / stepsPerEpoch, loss: result.loss,
      regularization: result.regularization, accuracy: result.accuracy, learningRate: learningRate,
      imagesPerSecond: imagesPerSecond)
  }

  func finishEpoch(_ epoch: Int, validation: Double?, imagesPerSecond: Double) -> EpochReport {
    defer { (epochLoss, epochCorrect, epochImages) = (0, 0, 0) }
    let count = Double(max(epochImages, 1))
    return EpochReport(
      epoch: epoch, loss: epochLoss / count, accuracy: Double(epochCorrect) / count, validation: validation,
      imagesPerSecond: imagesPerSecond)
  }

  /// Copies the current tensors into a network.
  func write(to network: inout Network) { parameters.write(to: &network) }

  /// The current tensors.
  func snapshot() -> TrainingSnapshot { TrainingSnapshot(parameters) }

  /// The current tensors, unless one of them holds a NaN or infinity.
  func snapshotIfFinite() -> TrainingSnapshot? {
    parameters.evolving.allSatisfy(\.value.isFinite) ? snapshot() : nil
  }

  func resume(at step: Int) { self.step = step }
}

/// Tensors of a moment of training.
struct TrainingSnapshot {
  private let tensors: [(name: String, value: Tensor)]

  init(_ parameters: ParameterSet) {
    tensors = parameters.evolving.map { ($0.name ?? "", $0.value) }
  }

  func write(to network: inout Network) {
    for (name, value) in tensors { network.parameters[name] = value }
  }
}

extension OptimizerConfiguration {
  func make() -> any Optimizer {
    switch self {
    case .sgd(let momentum, let nesterov, let weightDecay):
      SGD(momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
    case .adam(let beta1, let beta2, let epsilon, let weightDecay):
      Adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    case .adamW(let beta1, let beta2, let epsilon, let weightDecay):
      Adam.adamW(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
    }
  }
}
