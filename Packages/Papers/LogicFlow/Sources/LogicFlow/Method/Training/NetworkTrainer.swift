import ReproductionKit
import TinyNN
import TinyTensor

/// Trains the small float network (specification 2.1): Adam with a cosine schedule, batches of 64, then if wanted a
/// quantisation-aware fine-tuning.
public struct NetworkTrainer: Codable, Sendable, Hashable {
  /// Sizes of the hidden layers.
  public var hidden: [Int]
  /// Passes over the training rows, or nothing for ``epochs(rows:)``.
  public var epochs: Int?
  /// Peak learning rate.
  public var learningRate: Float
  /// Weight of the L1 norm of all weights, which makes zeros.
  public var l1: Float
  /// Passes of quantisation-aware fine-tuning behind the training; 0 for none.
  public var tuningEpochs: Int
  /// Initialisation and shuffling.
  public var seed: UInt64

  private static let batch = 64

  /// Creates a recipe.
  public init(
    hidden: [Int] = [10, 25], epochs: Int? = nil, learningRate: Float = 3e-3, l1: Float = 0, tuningEpochs: Int = 0,
    seed: UInt64 = 0
  ) {
    self.hidden = hidden
    self.epochs = epochs
    self.learningRate = learningRate
    self.l1 = l1
    self.tuningEpochs = tuningEpochs
    self.seed = seed
  }

  /// Passes that suit so many training rows: 15 over large tables, up to 60 over small ones, which otherwise would be trained for
  /// a few hundred steps only.
  public static func epochs(rows: Int) -> Int { max(15, min(60, 250_000 / max(rows, 1))) }

  /// Trains on `samples`.
  public func train(
    _ samples: IntegerSamples, classes: Int, progress: ProgressReporter = .silent
  ) throws -> FloatNetwork {
    guard (1...63).contains(hidden.count), hidden.allSatisfy((1...4096).contains) else {
      throw LogicFlowError.invalidSetting(
        name: "hidden", value: "\(hidden)", expected: "1 to 63 layers of 1 to 4096 neurons")
    }
    let epochs = epochs ?? Self.epochs(rows: samples.count)
    guard epochs > 0, learningRate > 0, l1 >= 0, tuningEpochs >= 0 else {
      throw LogicFlowError.invalidSetting(
        name: "training", value: "\(epochs) epochs, rate \(learningRate), l1 \(l1)", expected: "positive numbers")
    }
    let share = Double(epochs) / Double(epochs + tuningEpochs)
    let trained = try run(
      from: FloatNetwork(sizes: [samples.width] + hidden + [classes], seed: seed), on: samples, epochs: epochs,
      optimizer: Adam(), rate: learningRate, progress: progress.phase("training", from: 0, to: share)
    ) { layer, value, weight, bias in
      let sum = linear(value, weight: weight, bias: bias)
      return layer < hidden.count ? relu(sum) : sum
    }
    guard tuningEpochs > 0 else { return trained }
    return try tune(trained, on: samples, progress: progress.phase("fine-tuning", from: share, to: 1))
  }

  /// Quantisation-aware fine-tuning: AdamW on what the integer network will compute, gradients straight through the rounding.
  ///
  /// The authors' code starts at a rate of 0.02; a tenth of the training's rate keeps what has been learnt.
  private func tune(
    _ network: FloatNetwork, on samples: IntegerSamples, progress: ProgressReporter
  ) throws -> FloatNetwork {
    let reach = network.activations(samples.tensor(0..<samples.count)).map { max($0.scalars.max() ?? 0, 1e-6) }
    return try run(
      from: network, on: samples, epochs: tuningEpochs, optimizer: .adamW(weightDecay: 1e-4),
      rate: learningRate / 10, progress: progress
    ) { layer, value, weight, bias in
      let isLast = layer == network.layers.count - 1
      let quantizer = FakeQuantizer(
        calibratedOn: weight.value, range: QuantizationRange(lower: -127, upper: 127), perChannel: !isLast)
      let sum = linear(value, weight: quantizer(weight), bias: bias)
      guard !isLast else { return sum }
      // The requantisation rounds down: half a step less, rounded to the nearest.
      let step = reach[layer] / 127
      return FakeQuantizer(range: QuantizationRange(lower: 0, upper: 127), scales: [step])(relu(sum) - 0.5 * step)
    }
  }

  /// One layer in training: its index, its input, its weight and its bias.
  private typealias Forward = (Int, Variable, Variable, Variable) -> Variable

  private func run(
    from start: FloatNetwork, on samples: IntegerSamples, epochs: Int, optimizer: Adam, rate: Float,
    progress: ProgressReporter, forward: Forward
  ) throws -> FloatNetwork {
    let weights = start.layers.map { Variable($0.weight, requiresGradient: true) }
    let biases = start.layers.map { Variable($0.bias, requiresGradient: true) }
    let parameters = weights + biases
    var optimizer = optimizer
    let steps = (samples.count + Self.batch - 1) / Self.batch * epochs
    let schedule = Schedule(peak: rate, shape: .cosine(warmup: 0, end: 0))
    var step = 0
    for epoch in 0..<epochs {
      var random = Philox(seed: seed, stream: "logicflow.shuffle.\(epoch)")
      let order = Array(0..<samples.count).shuffled(using: &random)
      for start in stride(from: 0, to: order.count, by: Self.batch) {
        let chosen = order[start..<min(start + Self.batch, order.count)]
        var value = Variable(samples.tensor(chosen))
        for index in weights.indices { value = forward(index, value, weights[index], biases[index]) }
        var loss = crossEntropy(value, labels: chosen.map { samples.labels[$0] })
        if l1 > 0 { loss = loss + l1Norm(weights) * l1 }
        guard loss.value.item.isFinite else { throw LogicFlowError.diverged(epoch: epoch) }
        for parameter in parameters { parameter.clearGradient() }
        loss.backward()
        optimizer.step(parameters, learningRate: schedule.learningRate(step: step, of: steps))
        step += 1
      }
      progress.report(epoch + 1, of: epochs, "epoch \(epoch + 1)")
    }
    return FloatNetwork(layers: zip(weights, biases).map { FloatNetwork.Layer(weight: $0.value, bias: $1.value) })
  }
}
