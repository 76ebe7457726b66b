import Foundation
import ReproductionKit
import TinyTensor
import VisionModels

/// Fits the cost models to this machine.
///
/// The fit looks at convolutions of its own (several widths and map sizes), never at the networks that are predicted later.
public struct MachineCalibration: Sendable {
  /// The roofline with the sustained rate of the convolution kernels, the bandwidth and the overhead per layer; lanes
  /// quantised, one core.
  public let roofline: CostModel
  /// The additive model.
  public let layerTimes: LayerTimeModel

  /// Measures and fits.
  /// - Throws: ``PruneError/network(_:)``.
  public init(repetitions: Int = 10) throws(PruneError) {
    let samples = try Threads.withCount(1) {
      Result { () throws(PruneError) in try Self.measure(repetitions: repetitions) }
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

  private static func measure(repetitions: Int) throws(PruneError) -> [LayerTimeModel.Sample] {
    var samples: [LayerTimeModel.Sample] = []
    for batch in [1, 16] {
      for (pixels, widths) in [(32, [8, 12, 24]), (16, [16, 24, 40]), (8, [32, 48, 80])] {
        let network = try asPruneError { () throws(NetworkError) in try chain(pixels: pixels, widths: widths) }
        let engine = try asPruneError { () throws(NetworkError) in try InferenceEngine(network) }
        let timings = try asPruneError { () throws(NetworkError) in
          try engine.layerTimings(batch: batch, repetitions: repetitions)
        }
        let costs = network.cost()
        for timing in timings {
          guard let layer = timing.nodes.compactMap({ costs[$0] }).first(where: { $0.kind == "conv2d" }) else {
            continue
          }
          samples.append(LayerTimeModel.Sample(layer: layer, batch: batch, seconds: timing.seconds))
        }
      }
    }
    return samples
  }

  private static func chain(pixels: Int, widths: [Int]) throws(NetworkError) -> Network {
    var builder = NetworkBuilder()
    var x = builder.input
    var channels = widths[0]
    for (index, width) in (widths + widths.reversed()).enumerated() {
      x = builder.convolution("conv\(index)", x, from: channels, to: width, kernel: 3)
      x = builder.batchNorm("bn\(index)", x, channels: width)
      x = builder.add("relu\(index)", .relu, x)
      channels = width
    }
    var network = try builder.build(name: "calibration", inputShape: [pixels, pixels, widths[0]])
    network.initialize(seed: 5)
    return network
  }
}
