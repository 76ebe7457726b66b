import ClassAwarePruning
import Foundation
import Testing
import TinyTensor
import VisionModels

@Suite("Hardware")
struct HardwareTests {
  @Test("The package's settings are complete and follow the specification")
  func settings() throws {
    let settings = try HardwareSettings.standard()
    #expect(settings.latency.rounds.value >= 30)
    #expect(settings.latency.batches == [1, 128] && settings.latency.threads == [1, 2])
    #expect(settings.systolicSizes.default.value == 32)
    #expect(settings.staircase.widths == settings.staircase.widths.sorted())
  }

  @Test("Settings that make no sense are refused", arguments: ["", "{}", "[1]", "{\"version\":1}"])
  func badSettings(text: String) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("hardware-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data(text.utf8).write(to: url)
    #expect(throws: PruneError.self) { try HardwareSettings(loading: url) }
    #expect(throws: PruneError.self) { try HardwareSettings(loading: url.appendingPathExtension("absent")) }
  }

  @Test("The additive model recovers the costs it was made from")
  func additiveModel() throws {
    var builder = NetworkBuilder()
    var x = builder.input
    var channels = 8
    for (index, width) in [4, 8, 16, 24, 40, 64].enumerated() {
      x = builder.convolution("conv\(index)", x, from: channels, to: width, kernel: index % 2 == 0 ? 3 : 1)
      if index % 2 == 1 { x = builder.add("pool\(index)", .maxPool(Pool(kernel: 2)), x) }
      channels = width
    }
    let layers = try builder.build(name: "fit", inputShape: [32, 32, 8]).cost().layers.filter { $0.matrix != nil }
    // 2 ns per 100 products, 1 ns per output, 0.5 ns per transformed value, 0.1 ns per byte, 3 µs per layer.
    func truth(_ layer: LayerCost, _ batch: Int) throws -> Double {
      let work = ConvWork(try #require(layer.convolution))
      let bytes = Double(4 * work.packedWeights + batch * (layer.inputBytes + layer.outputBytes))
      let perImage = Double(work.products) * 2e-11 + Double(work.outputs) * 1e-9 + Double(work.transformed) * 5e-10
      return Double(batch) * perImage + bytes * 1e-10 + 3e-6
    }
    #expect(layers.contains { $0.convolution.map { ConvWork($0).transformed > 0 } ?? false })
    let samples = try [1, 4, 16].flatMap { batch in
      try layers.map { LayerTimeModel.Sample(layer: $0, batch: batch, seconds: try truth($0, batch)) }
    }
    let model = LayerTimeModel(samples)
    for layer in layers {
      let expected = try truth(layer, 2)
      #expect(abs(model.seconds(layer, batch: 2) - expected) < 0.01 * expected)
    }
  }

  @Test("Latency rows compare every network with the first")
  func latency() throws {
    var network = try Models.digits(width: 4)
    network.initialize(seed: 1)
    var meter = LatencyMeter(rounds: 3, batches: [1, 2], threads: [1])
    meter.minimumSampleSeconds = 0
    let rows = try meter.compare([("a", network), ("b", network)])
    #expect(rows.map(\.name) == ["a", "b", "a", "b"])
    #expect(rows.allSatisfy { $0.medianMilliseconds > 0 && $0.bestMilliseconds <= $0.medianMilliseconds })
    #expect(rows[0].speedUp == 1 && rows[0].bestSpeedUp == 1 && rows[1].macsRatio == 1)
    #expect(try meter.compare([]).isEmpty)
  }

  @Test("The counting kernel equals a plain loop on odd sizes", arguments: [1, 7, 8, 9, 1023, 1024, 1025, 3001])
  func countKernel(positions: Int) {
    let images = 3
    let a = Fixtures.images(images, [positions], seed: 1).scalars
    let g = Fixtures.images(images, [positions], seed: 2).scalars
    var counts = [Int32](repeating: -1, count: positions)
    let isFinite = a.withUnsafeBufferPointer { a in
      g.withUnsafeBufferPointer { g in
        counts.withUnsafeMutableBufferPointer { counts in
          guard let a = a.baseAddress, let g = g.baseAddress, let target = counts.baseAddress else { return false }
          return TaylorCountKernel.count(
            activations: a, gradients: g, images: images, positions: positions, threshold: 0.25, into: target)
        }
      }
    }
    #expect(isFinite)
    for position in 0..<positions {
      let expected = (0..<images).count { abs(a[$0 * positions + position] * g[$0 * positions + position]) > 0.25 }
      #expect(Int(counts[position]) == expected)
    }
  }
}
