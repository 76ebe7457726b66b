import BasisN
import Testing
import TinyTensor
import VisionModels

@Suite struct BaselineTests {
  @Test func eightBitsAreNearlyFloat() throws {
    for network in [try Fixtures.network(), try Fixtures.grouped()] {
      let images = Fixtures.images(network, count: 6)
      let names = try NetworkShape(network).layers.map(\.name)
      let inputs = try LayerInputs(of: names, in: network, images: images).quantizers()
      let float = try Fixtures.logits(network, images)
      let digital = try Fixtures.logits(EightBitDigital.network(network, inputs: inputs), images)
      #expect((float - digital).norm() < 0.05 * float.norm())
      #expect(digital != float)
    }
  }

  @Test func fullRankIsExactAndRankOneIsNot() throws {
    let network = try Fixtures.network()
    let layers = try NetworkShape(network).layers
    func error(_ bits: (LayerShape) -> Int) throws -> [Float] {
      let budgets = Dictionary(uniqueKeysWithValues: layers.map { ($0.name, bits($0)) })
      let low = try LowRank.network(network, bits: budgets, factorBits: 16)
      return try layers.map { layer in
        let name = layer.name + ".weight"
        let original = try #require(network.parameters[name])
        return (original - (try #require(low.parameters[name]))).norm() / original.norm()
      }
    }
    #expect(try error { _ in 1 << 30 }.allSatisfy { $0 < 1e-3 })
    let one = try error { _ in 0 }
    #expect(one.contains { $0 > 0.3 } && one.allSatisfy { $0 < 1 })
  }

  @Test func moreCentroidsAreCloser() throws {
    let network = try Fixtures.network()
    let layers = try NetworkShape(network).layers
    func error(_ bitsPerWeight: Double) throws -> Float {
      let budgets = Dictionary(
        uniqueKeysWithValues: layers.map { ($0.name, Int(bitsPerWeight * Double($0.weights))) })
      let coded = try ProductQuantization.network(network, bits: budgets)
      return layers.reduce(Float(0)) { sum, layer in
        let name = layer.name + ".weight"
        guard let a = network.parameters[name], let b = coded.parameters[name] else { return .nan }
        return sum + (a - b).norm() / a.norm()
      }
    }
    let errors = try [1.0, 3, 8].map { try error($0) }
    #expect(errors == errors.sorted(by: >))
  }

  @Test func aBasisPerLayerIsAtLeastAsGood() throws {
    let network = try Fixtures.network()
    let configuration = Fixtures.configuration()
    func error(_ coded: Network) throws -> Float {
      try NetworkShape(network).layers.reduce(Float(0)) { sum, layer in
        let name = layer.name + ".weight"
        guard let a = network.parameters[name], let b = coded.parameters[name] else { return .nan }
        return sum + (a - b).norm() / a.norm()
      }
    }
    let global = try BasisCode(encoding: network, configuration: configuration).network(network)
    #expect(try error(PerLayerBasis.network(network, configuration: configuration)) < error(global))
  }

  @Test func changedCellsAreCounted() throws {
    var builder = NetworkBuilder()
    builder.add("a", .conv2d(Conv2d(inputChannels: 4, outputChannels: 4, kernel: 1)), builder.input)
    var network = try builder.build(name: "cells", inputShape: [2, 2, 4])
    // Two tiles of 4 × 2; the second differs from the first in one weight, and by the sign of another.
    network.parameters["a.weight"] = Tensor(
      shape: [4, 4, 1, 1], [15, 0, 0, 0, 1, 1, 1, 1, 15, 0, 0, 3, -1, 1, 1, 1])
    let plain = try CellRewriting(network, rows: 4, signedColumns: 2, sorted: false)
    #expect(plain.cells == 2 * 2 * 8)
    // One cell for the new weight, two for the sign; the same again when the next image begins.
    #expect(plain.changed == 2 * 3)
    let sorted = try CellRewriting(network, rows: 4, signedColumns: 2, sorted: true)
    #expect(sorted.cells == plain.cells)
    #expect(throws: BasisNError.self) { try CellRewriting(network, sorted: false) }
  }
}
