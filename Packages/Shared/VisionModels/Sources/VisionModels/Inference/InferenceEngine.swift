import TinyTensor

/// Fast forward passes of a fixed network: batch norms folded, convolution + bias + residual + ReLU in one kernel, weights
/// packed once, buffers recycled.
///
/// ```swift
/// let engine = try InferenceEngine(network)
/// let logits = try engine.logits(batch.images)          // [batch, classes]
/// ```
public struct InferenceEngine: Sendable {
  /// Shape of one image, `[height, width, channels]`.
  public let inputShape: [Int]
  /// Number of classes.
  public let classes: Int
  private let plan: InferencePlan

  /// Compiles a network; later changes of the network do not affect the engine.
  /// - Parameter algorithm: how convolutions are computed; `.direct` for the rounding of plain sums.
  /// - Throws: ``NetworkError/parameters(_:)`` if tensors are missing, mis-shaped or not finite.
  public init(_ network: Network, algorithm: ConvAlgorithm = .automatic) throws(NetworkError) {
    plan = try InferencePlan(network, algorithm: algorithm)
    inputShape = network.inputShape
    classes = network.classes
  }

  /// The network's output for a batch of normalised images.
  /// - Parameter images: `[batch, height, width, channels]`, any batch ≥ 1.
  /// - Returns: `[batch, classes]`.
  public func logits(_ images: Tensor) throws(NetworkError) -> Tensor {
    guard images.rank == 4, images.shape[0] > 0, Array(images.shape.dropFirst()) == inputShape else {
      throw .invalidBatch(expected: inputShape, got: images.shape)
    }
    let count = images.shape[0]
    let slice = imagesPerSlice
    guard count > slice else { return try plan.run(images) }
    var scalars: [Float] = []
    scalars.reserveCapacity(count * classes)
    for start in stride(from: 0, to: count, by: slice) {
      scalars += try plan.run(images.slice(start..<min(start + slice, count))).scalars
    }
    return Tensor(shape: [count, classes], scalars)
  }

  /// Images that pass through the network together. No image's result depends on the others, and activations that stay in the
  /// cache from one layer to the next are worth more than long loops.
  private var imagesPerSlice: Int {
    max(Self.fewestImages, Self.sliceFloats / plan.floatsPerImage)
  }

  /// Enough images to keep a few threads busy on small maps.
  private static let fewestImages = 16
  /// 4 MiB: a core's fair share of a common last-level cache.
  private static let sliceFloats = 1 << 20

  /// Wall time of every fused step on random images.
  /// - Parameters:
  ///   - batch: images per pass.
  ///   - repetitions: passes; the fastest time of each step counts.
  public func layerTimings(batch: Int, repetitions: Int = 10) throws(NetworkError) -> [LayerTiming] {
    var generator = Philox(seed: 0, stream: "timings")
    let images = Tensor.normal([max(batch, 1)] + inputShape, using: &generator)
    _ = try logits(images)
    var best = Array(repeating: Double.infinity, count: plan.steps.count)
    let clock = ContinuousClock()
    for _ in 0..<max(repetitions, 1) {
      var last = clock.now
      _ = try plan.run(images) { step in
        let now = clock.now
        best[step] = min(best[step], seconds(last.duration(to: now)))
        last = clock.now
      }
    }
    return zip(plan.steps, best).map { step, time in
      LayerTiming(nodes: step.nodes, seconds: time, macs: step.macs * max(batch, 1))
    }
  }
}

/// Measured time of one fused step of the ``InferenceEngine``.
public struct LayerTiming: Sendable, Hashable, Codable {
  /// The nodes computed together; the first names the step.
  public let nodes: [String]
  /// Best wall time for the batch, seconds.
  public let seconds: Double
  /// Multiply-accumulates for the batch.
  public let macs: Int
  /// Achieved arithmetic rate, GFLOP/s (two operations per multiply-accumulate).
  public var gigaflops: Double { seconds > 0 ? 2e-9 * Double(macs) / seconds : 0 }
}

/// A duration in seconds.
func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
}
