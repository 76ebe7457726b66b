import TinyNN
import TinyTensor

/// Measured speed of one network.
public struct Throughput: Sendable, Hashable, Codable {
  /// What was measured: `"inference"` or `"training"`.
  public let kind: String
  /// Name of the network.
  public let model: String
  /// Images per pass.
  public let batch: Int
  /// Threads in use.
  public let threads: Int
  /// Best time of one pass (or step), seconds.
  public let secondsPerPass: Double
  /// Median time of one pass, seconds.
  public let medianSeconds: Double
  /// Images per second at the best time.
  public var imagesPerSecond: Double { Double(batch) / secondsPerPass }
  /// Arithmetic rate at the best time, GFLOP/s (training counts three times the forward pass).
  public let gigaflops: Double

  init(kind: String, network: Network, batch: Int, times: [Double]) {
    self.kind = kind
    model = network.name
    self.batch = batch
    threads = Threads.count
    let sorted = times.sorted()
    secondsPerPass = sorted.first ?? .infinity
    medianSeconds = sorted.isEmpty ? .infinity : sorted[sorted.count / 2]
    let passes: Double = kind == "training" ? 3 : 1
    gigaflops = 2e-9 * passes * Double(network.cost().macs * batch) / secondsPerPass
  }
}

/// Speed measurements on random images, for `bench`.
public enum ThroughputBenchmark {
  /// Times inference passes.
  /// - Parameters:
  ///   - batch: images per pass.
  ///   - seconds: measuring time; at least three passes are made.
  public static func inference(
    _ network: Network, batch: Int, seconds limit: Double = 1
  ) throws(NetworkError) -> Throughput {
    let engine = try InferenceEngine(network)
    let images = randomImages(network, batch)
    _ = try engine.logits(images)
    let times = try repeated(limit) { () throws(NetworkError) in _ = try engine.logits(images) }
    return Throughput(kind: "inference", network: network, batch: batch, times: times)
  }

  /// Times whole training steps: forward, backward and an SGD update with momentum.
  public static func training(
    _ network: Network, batch: Int, seconds limit: Double = 2
  ) throws(NetworkError) -> Throughput {
    let parameters = try ParameterSet(network)
    let images = randomImages(network, batch)
    let labels = (0..<batch).map { $0 % max(network.classes, 1) }
    var optimizer = SGD(momentum: 0.9, nesterov: true, weightDecay: 5e-4)
    func step() throws(NetworkError) {
      let logits = try network.forward(Variable(images), parameters: parameters, mode: .training())
      crossEntropy(logits, labels: labels).backward()
      optimizer.step(parameters.all, learningRate: 1e-3)
      parameters.clearGradients()
    }
    try step()
    let times = try repeated(limit) { () throws(NetworkError) in try step() }
    return Throughput(kind: "training", network: network, batch: batch, times: times)
  }

  private static func randomImages(_ network: Network, _ batch: Int) -> Tensor {
    var generator = Philox(seed: 1, stream: "benchmark")
    return .normal([max(batch, 1)] + network.inputShape, using: &generator)
  }

  private static func repeated(
    _ limit: Double, _ body: () throws(NetworkError) -> Void
  ) throws(NetworkError) -> [Double] {
    let clock = ContinuousClock()
    let start = clock.now
    var times: [Double] = []
    while times.count < 3 || seconds(start.duration(to: clock.now)) < limit {
      let before = clock.now
      try body()
      times.append(seconds(before.duration(to: clock.now)))
    }
    return times
  }
}
