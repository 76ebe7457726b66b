import LogicFlow
import Testing
import TinyTensor

@Suite struct RegionTests {
  private func network(_ sizes: [Int], seed: UInt64) throws -> RealNetwork {
    var random = Philox(seed: seed, stream: "test.regions")
    return try RealNetwork(
      box: [-1, 1],
      layers: zip(sizes, sizes.dropFirst()).map { inputs, outputs in
        RealNetwork.Layer(
          weights: (0..<outputs).map { _ in (0..<inputs).map { _ in Double(random.normal()) } },
          bias: (0..<outputs).map { _ in Double(random.normal()) * 0.3 })
      })
  }

  /// One layer cuts a square by lines: the count must equal what a fine grid sees.
  @Test(arguments: 0..<4) func countsEqualAFineGrid(seed: UInt64) throws {
    let network = try network([2, 5, 3, 2], seed: seed)
    var seen: Set<[Bool]> = []
    let steps = 400
    for first in 0...steps {
      for second in 0...steps {
        var values = [Double(first) * 2 / Double(steps) - 1 + 1e-5, Double(second) * 2 / Double(steps) - 1 - 1e-5]
        var signs: [Bool] = []
        for layer in network.layers.dropLast() {
          let sums = zip(layer.weights, layer.bias).map { row, bias in
            zip(row, values).reduce(bias) { $0 + $1.0 * $1.1 }
          }
          signs += sums.map { $0 > 0 }
          values = sums.map { max(0, $0) }
        }
        seen.insert(signs)
      }
    }
    let count = RegionEnumeration(network).count()
    // A grid may miss slivers, never invent a region.
    #expect(count >= seen.count - 1 && Double(count) <= Double(seen.count) * 1.1 + 2, "\(count) against \(seen.count)")
  }

  @Test func countsOfHyperplanesInGeneralPosition() throws {
    // Four lines through the box near its middle: 1 + 4 + 6 crossings, as long as all crossings lie inside.
    let lines = RealNetwork.Layer(
      weights: [[1, 0], [0, 1], [1, 1], [1, -1]], bias: [0.1, -0.13, 0.05, 0.21])
    let network = try RealNetwork(
      box: [-10, 10], layers: [lines, RealNetwork.Layer(weights: [[1, 1, 1, 1]], bias: [0])])
    #expect(RegionEnumeration(network).count() == 11)
  }

  @Test func brokenNetworksAreRefused() {
    #expect(throws: LogicFlowError.self) { try RealNetwork(box: [1, 0], layers: []) }
    let layer = RealNetwork.Layer(weights: [[1, 2]], bias: [0])
    #expect(throws: LogicFlowError.self) { try RealNetwork(box: [0, 1], layers: [layer]) }
    #expect(throws: LogicFlowError.self) { try RealNetwork(box: [0, 1], layers: [layer, layer]) }
    let infinite = RealNetwork.Layer(weights: [[.infinity]], bias: [0])
    #expect(throws: LogicFlowError.self) { try RealNetwork(box: [0, 1], layers: [layer, infinite]) }
  }
}
