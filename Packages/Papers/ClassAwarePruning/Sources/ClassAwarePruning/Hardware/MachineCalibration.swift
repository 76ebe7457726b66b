import Foundation
import ReproductionKit
import TinyTensor
import VisionModels

/// Fits the cost models to this machine.
///
/// The fit looks at layers of its own (several widths and map sizes), never at the times of the networks that are predicted later.
public struct MachineCalibration: Sendable {
  /// The roofline with the sustained rate of the convolution kernels, the bandwidth and the overhead per layer; lanes
  /// quantised, one core.
  public let roofline: CostModel
  /// The additive model.
  public let layerTimes: LayerTimeModel

  /// Measures and fits.
  /// - Parameter network: what will be predicted, roughly. Its weights decide in which cache they are found when a layer runs
  ///   again, so the chains that are measured get as many bytes of them.
  /// - Throws: ``PruneError/network(_:)``.
  public init(for network: Network, repetitions: Int = 10) throws(PruneError) {
    let weightBytes = Self.packedWeightBytes(network)
    let samples = try Threads.withCount(1) {
      Result { () throws(PruneError) in try Self.measure(weightBytes: weightBytes, repetitions: repetitions) }
    }.get()
    roofline = try Self.fittedRoofline(samples)
    layerTimes = LayerTimeModel(samples)
  }

  private static func fittedRoofline(_ samples: [LayerTimeModel.Sample]) throws(PruneError) -> CostModel {
    var model = try asPruneError { () throws(NetworkError) in try CostModel.standard() }
    model.quantizesLanes = true
    model.constants.processor.lanes = Constant(
      Double(MachineProbe.channelTile), unit: "float32 lanes",
      source: "register tile of this build's convolution kernels")
    let peak = MachineProbe.peakGigaflops()
    let bandwidth = MachineProbe.memoryBandwidth()
    var best = (error: Double.infinity, share: 1.0, bandwidth: bandwidth, overhead: 0.0)
    for share in stride(from: 0.1, through: 1.0, by: 0.02) {
      for factor in [0.5, 0.75, 1, 1.5, 2, 4] {
        for overhead in [0, 0.5, 1, 2, 3, 5, 8] {
          set(&model, peak: peak * share, bandwidth: bandwidth * factor, overhead: overhead)
          let error = samples.reduce(0.0) { total, sample in
            let ratio = model.estimate(sample.layer, batch: sample.batch).seconds / max(sample.seconds, 1e-9)
            let logarithm = log2(ratio)
            return total + logarithm * logarithm
          }
          if error < best.error { best = (error, share, bandwidth * factor, overhead) }
        }
      }
    }
    set(&model, peak: peak * best.share, bandwidth: best.bandwidth, overhead: best.overhead)
    return model
  }

  private static func set(_ model: inout CostModel, peak: Double, bandwidth: Double, overhead: Double) {
    let source = "fitted on this machine to convolutions of several shapes"
    model.constants.processor.peakGFLOPsPerCore = Constant(peak, unit: "GFLOP/s", source: source)
    model.constants.processor.bandwidthGBps = Constant(bandwidth, unit: "GB/s", source: source)
    model.constants.processor.layerOverheadMicroseconds = Constant(overhead, unit: "us", source: source)
  }

  private static func packedWeightBytes(_ network: Network) -> Int {
    network.cost().layers.reduce(0) { $0 + 4 * ($1.convolution.map { ConvWork($0).packedWeights } ?? 0) }
  }

  private static func measure(weightBytes: Int, repetitions: Int) throws(PruneError) -> [LayerTimeModel.Sample] {
    var samples: [LayerTimeModel.Sample] = []
    for (pixels, widths) in [(32, [8, 12, 24]), (16, [16, 24, 40]), (8, [32, 48, 80])] {
      let network = try asPruneError { () throws(NetworkError) in
        let copies = weightBytes / packedWeightBytes(try chain(pixels: pixels, widths: widths, copies: 1))
        return try chain(pixels: pixels, widths: widths, copies: max(1, copies))
      }
      let engine = try asPruneError { () throws(NetworkError) in try InferenceEngine(network) }
      let costs = network.cost()
      for batch in [1, 16] {
        let timings = try asPruneError { () throws(NetworkError) in
          try engine.layerTimings(batch: batch, repetitions: repetitions)
        }
        for timing in timings {
          // One copy tells as much as all.
          guard let node = timing.nodes.first, !node.hasPrefix("copy"), let layer = costs[node] else { continue }
          samples.append(LayerTimeModel.Sample(layer: layer, batch: batch, seconds: timing.seconds))
        }
      }
    }
    return samples
  }

  /// Layers of every kind that the kernels treat differently: convolutions of few input channels, 3×3 (repeated in copies), 1×1, 3×3
  /// with stride 2, and passes over memory.
  private static func chain(pixels: Int, widths: [Int], copies: Int) throws(NetworkError) -> Network {
    var builder = NetworkBuilder()
    var x = builder.input
    var channels = 3
    func append(_ width: Int, kernel: Int = 3, stride: Int = 1, prefix: String = "") {
      let name = prefix + "conv\(builder.nodes.count)"
      x = builder.convolution(name, x, from: channels, to: width, kernel: kernel, stride: stride)
      x = builder.batchNorm(name + ".bn", x, channels: width)
      x = builder.add(name + ".relu", .relu, x)
      channels = width
    }
    for width in [widths[0]] + widths + widths.reversed() { append(width) }
    for _ in 1..<copies { for width in widths + widths.reversed() { append(width, prefix: "copy.") } }
    for width in widths + widths.reversed() { append(width, kernel: 1) }
    x = builder.add("pool", .maxPool(Pool(kernel: 2)), x)
    for width in widths.suffix(2) { append(width, stride: 2) }
    x = builder.add("average", .globalAveragePool, x)
    var network = try builder.build(name: "calibration", inputShape: [pixels, pixels, 3])
    network.initialize(seed: 5)
    return network
  }
}
