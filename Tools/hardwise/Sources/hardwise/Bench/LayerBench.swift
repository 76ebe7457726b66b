import ReproductionKit
import TinyTensor
import VisionModels

/// Which limit every layer of a network hits in batched inference.
struct LayerBench: Encodable {
  /// One fused step of the inference engine.
  struct Row: Encodable {
    let layer: String
    let milliseconds: Double
    let gigaflops: Double
    /// Operations per byte of input, output and weights.
    let intensity: Double
    /// The roofline at that intensity, in GFLOP/s.
    let limit: Double
    let isMemoryBound: Bool
  }

  let model: String
  let batch: Int
  let rows: [Row]

  /// Times every layer and compares with the machine, measured right before.
  init(model: String, batch: Int) throws {
    self.model = model
    self.batch = batch
    var network = try Models.named(model)
    network.initialize(seed: 1)
    let cost = network.cost()
    let peak = MachineProbe.peak(.float32, threads: Threads.count)
    let bandwidth = MachineProbe.memoryBandwidth()
    rows = try InferenceEngine(network).layerTimings(batch: batch).compactMap { timing in
      let layers = timing.nodes.compactMap { cost[$0] }
      guard let first = layers.first, let last = layers.last, timing.macs > 0 else { return nil }
      let weights = layers.reduce(0) { $0 + $1.weightBytes }
      let bytes = batch * (first.inputBytes + last.outputBytes) + weights
      let intensity = 2 * Double(timing.macs) / Double(bytes)
      return Row(
        layer: "\(first.node) \(first.outputShape.map(String.init).joined(separator: "×"))",
        milliseconds: 1e3 * timing.seconds, gigaflops: timing.gigaflops, intensity: intensity,
        limit: min(peak, intensity * bandwidth), isMemoryBound: intensity * bandwidth < peak)
    }
  }

  var table: Table {
    var table = Table(
      title: "Layers of \(model), batch \(batch), \(Threads.count) threads",
      caption:
        "Products with padding count as work although the kernels skip them in small images: a layer may pass its limit.",
      columns: [
        .text("layer"), .number("time", unit: "ms", decimals: 2), .number("rate", unit: "GFLOP/s", decimals: 1),
        .number("FLOP/byte", decimals: 1), .number("of limit", unit: "%", decimals: 0), .text("limit"),
      ])
    for row in rows {
      table.append([
        .text(row.layer), .number(row.milliseconds), .number(row.gigaflops), .number(row.intensity),
        .number(100 * row.gigaflops / row.limit), .text(row.isMemoryBound ? "memory" : "FMA peak"),
      ])
    }
    return table
  }

  var dots: [RooflineChart.Kernel] {
    rows.map {
      RooflineChart.Kernel("", intensity: $0.intensity, gigaoperationsPerSecond: $0.gigaflops, group: "\(model) layers")
    }
  }
}
