import Foundation

/// A hot loop of this package with its operation count, to be compared with the machine's own limit.
public struct KernelBenchmark: Sendable {
  /// What one run achieved.
  public struct Result: Sendable {
    /// The benchmark's name.
    public let name: String
    /// Threads used.
    public let threads: Int
    /// Achieved rate in GFLOP/s, best of all repetitions.
    public let gigaflops: Double
    /// The machine's fused multiply-add limit in GFLOP/s with as many threads, measured between the repetitions.
    public let peakGigaflops: Double
    /// Milliseconds of the best repetition.
    public let milliseconds: Double
    /// Achieved rate as a share of the limit.
    public var fractionOfPeak: Double { gigaflops / peakGigaflops }
  }

  /// For instance "gemm 1024" or "conv 3×3 16→16 32×32 forward".
  public let name: String
  /// Floating-point operations of one repetition, a multiply-add counted as two.
  public let operations: Double
  private let body: @Sendable () -> Void

  /// A benchmark of any closure with a known operation count.
  public init(name: String, operations: Double, _ body: @escaping @Sendable () -> Void) {
    self.name = name
    self.operations = operations
    self.body = body
  }

  /// Runs `repetitions` times in `rounds` rounds and measures the multiply-add limit between the rounds, so that both see the same
  /// clock rate and the same neighbours.
  public func run(threads: Int = Threads.count, repetitions: Int = 5, rounds: Int = 3) -> Result {
    Threads.withCount(threads) {
      body()
      var best = Double.infinity
      var peak = 0.0
      for _ in 0..<max(1, rounds) {
        peak = max(peak, MachineProbe.peakGigaflops())
        for _ in 0..<max(1, repetitions) {
          let start = DispatchTime.now().uptimeNanoseconds
          body()
          best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start))
        }
      }
      return Result(
        name: name, threads: threads, gigaflops: operations / best, peakGigaflops: peak * Double(threads),
        milliseconds: best / 1e6)
    }
  }

  /// The product of two square matrices.
  public static func gemm(_ size: Int) -> KernelBenchmark {
    var generator = Philox(seed: 0, stream: "benchmark")
    let a = Tensor.uniform([size, size], using: &generator)
    let b = Tensor.uniform([size, size], using: &generator)
    return KernelBenchmark(name: "gemm \(size)", operations: 2 * Double(size * size * size)) { _ = matmul(a, b) }
  }

  /// Forward pass, input gradient and weight gradient of one convolution.
  public static func convolution(_ g: ConvGeometry) -> [KernelBenchmark] {
    var generator = Philox(seed: 0, stream: "benchmark")
    let x = Tensor.uniform(g.inputShape, using: &generator)
    let weight = Tensor.uniform(g.weightShape, using: &generator)
    let dy = Tensor.uniform(g.outputShape, using: &generator)
    let name =
      "conv \(g.kernelHeight)×\(g.kernelWidth)/\(g.stride) \(g.inputChannels)→\(g.outputChannels) "
      + "\(g.inputHeight)×\(g.inputWidth) batch \(g.batch)"
    let operations = 2 * Double(g.macs)
    return [
      KernelBenchmark(name: name + " forward", operations: operations) { _ = conv2d(x, weight: weight, geometry: g) },
      KernelBenchmark(name: name + " input gradient", operations: operations) {
        _ = conv2dInputGradient(dy, weight: weight, geometry: g)
      },
      KernelBenchmark(name: name + " weight gradient", operations: operations) {
        _ = conv2dWeightGradient(x, dy, geometry: g)
      },
    ]
  }

  /// Matrix products and the three convolution shapes of ResNet-20 at batch 128.
  public static var standard: [KernelBenchmark] {
    let shapes = [(32, 16), (16, 32), (8, 64)].compactMap { size, channels in
      try? ConvGeometry(
        input: [128, size, size, channels], weight: [channels, channels, 3, 3], stride: 1, padding: 1)
    }
    return [gemm(512), gemm(1024), gemm(2048)] + shapes.flatMap(convolution)
  }
}
