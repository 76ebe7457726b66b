import Testing
import VisionModels

@Suite struct CostModelTests {
  static let layer = LayerCost.MatrixShape(outputPixels: 1024, reduction: 144, outputs: 33, groups: 1)

  @Test func standardConstantsAreHorowitz() throws {
    let energy = try CostConstants.standard().energy
    #expect(energy.mac(.float32) == 4.6)
    #expect(energy.mac(.int8) == 0.3)
    #expect(energy.sramByte(kilobytes: 32) == 2.5)
    #expect(energy.sramByte(kilobytes: 33) == 12.5)
    #expect(energy.dramByte.value == 200)
  }

  @Test func systolicCyclesFollowTheClosedForm() throws {
    let array = try CostConstants.standard().systolic.with(rows: 32, columns: 32)
    let output = array.with(dataflow: .outputStationary)
    let weight = array.with(dataflow: .weightStationary)
    #expect(output.cycles(Self.layer) == (64 + 32 + 144 - 2) * 32 * 2)
    #expect(weight.cycles(Self.layer) == (64 + 32 + 1024 - 2) * 5 * 2)
    let macs = Double(1024 * 144 * 33)
    #expect(abs(output.utilisation(Self.layer) - macs / (Double(output.cycles(Self.layer)) * 1024)) < 1e-12)
    // 33…64 output channels cost the same: the staircase.
    let wide = LayerCost.MatrixShape(outputPixels: 1024, reduction: 144, outputs: 64, groups: 1)
    #expect(output.cycles(wide) == output.cycles(Self.layer))
  }

  @Test func lanesQuantizeTheRoofline() throws {
    var model = try CostModel.standard()
    model.constants.processor.layerOverheadMicroseconds.value = 0
    model.constants.processor.bandwidthGBps.value = 1e9
    func seconds(_ channels: Int, quantized: Bool) throws -> Double {
      model.quantizesLanes = quantized
      var builder = NetworkBuilder()
      _ = builder.convolution("conv", builder.input, from: 3, to: channels, kernel: 3)
      return model.estimate(try builder.build(name: "n", inputShape: [32, 32, 3])).seconds
    }
    #expect(try seconds(17, quantized: true) == seconds(32, quantized: false))
    #expect(try seconds(16, quantized: true) == seconds(16, quantized: false))
    let macs = 32.0 * 32 * 27 * 16
    #expect(abs(try seconds(16, quantized: false) - 2 * macs / 260e9) < 1e-15)
  }

  @Test func rooflineTakesTheLargerOfComputeAndMemory() throws {
    var model = try CostModel.standard()
    let network = try Models.resnetCIFAR(depth: 20)
    let estimate = model.estimate(network, batch: 128)
    let conv = try #require(estimate.layers.first { $0.cost.node == "layer1.0.conv1" })
    #expect(conv.limit == .compute || conv.limit == .memory)
    #expect(conv.seconds > 0)
    #expect(estimate.layers.first { $0.cost.node == "layer1.0.bn1" }?.seconds == 0)
    model.fusesElementwise = false
    #expect(model.estimate(network, batch: 128).seconds > estimate.seconds)
    model.cores = 2
    #expect(model.estimate(network, batch: 128).seconds < 2 * estimate.seconds)
  }

  @Test func energyAddsMACsAndBytes() throws {
    var model = try CostModel.standard()
    model.precision = .int8
    let network = try Models.resnetCIFAR(depth: 20)
    let estimate = model.estimate(network)
    let macs = estimate.layers.reduce(0) { $0 + $1.macPicojoules }
    #expect(abs(macs - 0.3 * 40_551_040) < 1)
    for layer in estimate.layers where layer.cost.macs > 0 {
      #expect(layer.dramBytes >= layer.cost.weightBytes / 4)
      #expect(layer.sramBytes >= layer.dramBytes)
      #expect(layer.picojoules > layer.macPicojoules)
    }
    #expect(estimate.cycles > 40_551_040 / 1024)
  }

  @Test func layerTableAddsUp() throws {
    let rows = try Models.resnetCIFAR(depth: 20).layerTable()
    #expect(rows.reduce(0) { $0 + $1.macs } == 40_551_040)
    #expect(rows.reduce(0) { $0 + $1.parameters } == 269_722)
    #expect(abs(rows.reduce(0) { $0 + $1.macShare } - 1) < 1e-12)
    #expect(rows[0].layer == "conv2d 3×3, 3→16")
  }

  @Test func comparisonCoversEveryCostlyLayer() throws {
    var network = try Models.resnetCIFAR(depth: 8).resized(to: [16, 16, 3])
    network.initialize(seed: 1)
    let model = CostModel(constants: try CostConstants.standard())
    let comparison = try LayerComparison(network, model: model, batch: 2, repetitions: 1)
    let covered = Set(comparison.rows.flatMap(\.nodes))
    for layer in network.cost().layers where layer.macs > 0 { #expect(covered.contains(layer.node)) }
    #expect(comparison.rows.allSatisfy { $0.predicted > 0 && $0.measured > 0 })
    #expect((-1...1).contains(comparison.rankCorrelation))
    // conv2, batch norm, residual sum and ReLU of a block are one step.
    #expect(comparison.rows.contains { $0.nodes == ["layer1.0.conv2", "layer1.0.add", "layer1.0.relu2"] })
    #expect(comparison.rows.contains { $0.nodes == ["layer2.0.conv2", "layer2.0.add", "layer2.0.relu2"] })
  }
}
