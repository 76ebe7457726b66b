import ReproductionKit
import TinyNN
import TinyTensor

/// Trains the small float network (specification 2.1): Adam with a cosine schedule, batches of 64.
public struct NetworkTrainer: Codable, Sendable, Hashable {
  /// Sizes of the hidden layers.
  public var hidden: [Int]
  /// Passes over the training rows.
  public var epochs: Int
  /// Peak learning rate.
  public var learningRate: Float
  /// Weight of the L1 norm of all weights, which makes zeros.
  public var l1: Float
  /// Initialisation and shuffling.
  public var seed: UInt64

  /// Creates a recipe.
  public init(hidden: [Int] = [10, 25], epochs: Int = 15, learningRate: Float = 3e-3, l1: Float = 0, seed: UInt64 = 0) {
    self.hidden = hidden
    self.epochs = epochs
    self.learningRate = learningRate
    self.l1 = l1
    self.seed = seed
  }

  /// Trains on `samples`.
  public func train(
    _ samples: IntegerSamples, classes: Int, progress: ProgressReporter = .silent
  ) throws -> FloatNetwork {
    guard (1...63).contains(hidden.count), hidden.allSatisfy((1...4096).contains) else {
      throw LogicFlowError.invalidSetting(
        name: "hidden", value: "\(hidden)", expected: "1 to 63 layers of 1 to 4096 neurons")
    }
    guard epochs > 0, learningRate > 0, l1 >= 0 else {
      throw LogicFlowError.invalidSetting(
        name: "training", value: "\(epochs) epochs, rate \(learningRate), l1 \(l1)", expected: "positive numbers")
    }
    var network = FloatNetwork(sizes: [samples.width] + hidden + [classes], seed: seed)
    let weights = network.layers.map { Variable($0.weight, requiresGradient: true) }
    let biases = network.layers.map { Variable($0.bias, requiresGradient: true) }
    let parameters = weights + biases
    var optimizer = Adam()
    let batch = 64
    let steps = (samples.count + batch - 1) / batch * epochs
    let schedule = Schedule(peak: learningRate, shape: .cosine(warmup: 0, end: 0))
    var step = 0
    for epoch in 0..<epochs {
      var random = Philox(seed: seed, stream: "logicflow.shuffle.\(epoch)")
      let order = Array(0..<samples.count).shuffled(using: &random)
      for start in stride(from: 0, to: order.count, by: batch) {
        let chosen = order[start..<min(start + batch, order.count)]
        var value = Variable(samples.tensor(chosen))
        for index in weights.indices {
          value = linear(value, weight: weights[index], bias: biases[index])
          if index < weights.count - 1 { value = relu(value) }
        }
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
    for index in network.layers.indices {
      network.layers[index] = FloatNetwork.Layer(weight: weights[index].value, bias: biases[index].value)
    }
    return network
  }
}
