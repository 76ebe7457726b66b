import ReproductionKit
import TinyTensor
import VisionModels

/// Latency of one 3×3 convolution as its width grows, measured and modelled: it rises in steps of the vector lanes, so some
/// filters are removed for nothing.
public struct LaneStaircase: Sendable, Hashable, Codable {
  /// One width.
  public struct Point: Sendable, Hashable, Codable {
    /// Output channels.
    public let width: Int
    /// Measured time of a pass on one thread, microseconds (best round).
    public let measuredMicroseconds: Double
    /// Additive model with the width rounded up to whole lanes, microseconds.
    public let modelledMicroseconds: Double
    /// Cycles on the systolic array.
    public let systolicCycles: Int
  }

  /// The widths, ascending.
  public let points: [Point]
  /// Lanes of the model.
  public let lanes: Int

  /// Measures all widths in turn.
  public init(_ settings: HardwareSettings.Staircase, calibration: MachineCalibration, rounds: Int = 15)
    throws(PruneError)
  {
    let pixels = Int(settings.pixels.value)
    let channels = Int(settings.inputChannels.value)
    let batch = Int(settings.batch.value)
    var engines: [(name: String, engine: InferenceEngine)] = []
    var modelled: [Double] = []
    var cycles: [Int] = []
    for width in settings.widths {
      let network = try asPruneError { () throws(NetworkError) in
        try Self.network(pixels: pixels, channels: channels, width: width)
      }
      engines.append(("\(width)", try asPruneError { () throws(NetworkError) in try InferenceEngine(network) }))
      let layer = network.cost().layers.filter { $0.matrix != nil }
      modelled.append(layer.reduce(0) { $0 + calibration.layerTimes.seconds($1, batch: batch) })
      cycles.append(calibration.roofline.estimate(network, batch: batch).cycles)
    }
    var generator = Philox(seed: 2, stream: "staircase")
    let images = Tensor.normal([batch, pixels, pixels, channels], using: &generator)
    let timing = try InterleavedTimer(rounds: rounds, warmUpRounds: 2).measure(engines, images: images, threads: 1)
    points = settings.widths.indices.map { index in
      Point(
        width: settings.widths[index], measuredMicroseconds: (timing.seconds[index].min() ?? 0) * 1e6,
        modelledMicroseconds: modelled[index] * 1e6, systolicCycles: cycles[index])
    }
    lanes = calibration.layerTimes.lanes
  }

  private static func network(pixels: Int, channels: Int, width: Int) throws(NetworkError) -> Network {
    var builder = NetworkBuilder()
    _ = builder.convolution("conv", builder.input, from: channels, to: width, kernel: 3)
    var network = try builder.build(name: "staircase", inputShape: [pixels, pixels, channels])
    network.initialize(seed: 3)
    return network
  }
}
