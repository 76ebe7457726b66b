import ReproductionKit
import TinyTensor
import VisionModels

/// Measures the networks of cells on this computer: one image, median of many passes of the compiled network.
public struct LatencyMeter: Sendable {
  /// The data set whose image size and classes the networks have.
  public var dataSet: DataSet
  /// Threads of the kernels.
  public var threads: Int
  /// Passes before measuring.
  public var warmUp: Int
  /// Measured passes.
  public var repeats: Int

  /// A meter with the specification's settings: two threads, five passes to warm up, median of thirty.
  public init(dataSet: DataSet = .cifar10, threads: Int = 2, warmUp: Int = 5, repeats: Int = 30) {
    self.dataSet = dataSet
    self.threads = threads
    self.warmUp = warmUp
    self.repeats = repeats
  }

  /// Latency in ms.
  public func latency(of cell: Cell) throws -> Double {
    let engine = try InferenceEngine(CellNetwork.build(cell.canonical, on: dataSet, seed: 0))
    let size = dataSet.imageSize
    var generator = Philox(seed: 0, stream: "latency")
    let image = Tensor.normal([1, size, size, 3], using: &generator)
    return try Threads.withCount(threads) {
      var times: [Double] = []
      for pass in 0..<(warmUp + repeats) {
        let start = ContinuousClock.now
        _ = try engine.logits(image)
        if pass >= warmUp { times.append((ContinuousClock.now - start).seconds) }
      }
      return 1_000 * Statistics.median(times)
    }
  }

  /// Random connected cells to measure.
  public static func sample(_ count: Int, seed: UInt64) -> [Cell] {
    let connected = Cell.all.filter { $0.isConnected && $0.isCanonical }
    var generator = Philox(seed: seed, stream: "measured-cells")
    return generator.sample(count, of: connected.count).map { connected[$0] }
  }
}
