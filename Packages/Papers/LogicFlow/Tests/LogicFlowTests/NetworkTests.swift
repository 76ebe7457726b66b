import Foundation
import JSONC
import LogicFlow
import LogicFlowVerify
import Testing

@Suite struct NetworkTests {
  /// The kernel against the plain loops, with products beyond 32 bits and rows that do not fill a vector.
  @Test(arguments: [[5, 7, 3], [7, 10, 25, 2], [3, 4, 4, 4, 5], [33, 1, 2]])
  func batchEqualsScalar(sizes: [Int]) throws {
    for seed in 0..<3 {
      var network = try randomNetwork(sizes, seed: UInt64(seed))
      if seed == 2 {
        var layers = network.layers
        let size = layers[0].bias.count
        layers[0].requant?.multiplier = Array(repeating: 2_000_000_011, count: size)
        layers[0].requant?.shift = Array(repeating: 30, count: size)
        network = try IntegerNetwork(input: network.input, layers: layers)
      }
      let rows = randomRows(531, network)
      let paths = BatchClassifier(network).paths(rows)
      #expect(BatchClassifier(network).classify(rows) == paths.map(\.outcome))
      for index in 0..<531 {
        let x = Array(rows[index * network.inputs..<(index + 1) * network.inputs])
        let sums = network.preactivations(x)
        #expect(paths[index].outcome == network.classify(x))
        let signs = paths[index].pattern.literals(network)
        #expect(signs.allSatisfy { (sums[$0.layer][$0.neuron] > 0) == $0.positive })
      }
    }
  }

  @Test func filesRoundTripAndKeepTheirFingerprint() throws {
    let network = try randomNetwork([4, 3, 2], seed: 9)
    let again = try NetworkFile.decode(JSON.parse(try JSON.encode(network)))
    #expect(again == network)
    #expect(try NetworkFile.fingerprint(again) == NetworkFile.fingerprint(network))
  }

  @Test(arguments: [
    #"{"format":"logicflow-network/2","input":{"count":1,"lower":0,"upper":9},"layers":[]}"#,
    #"{"format":"logicflow-network/1","input":{"count":1,"lower":0,"upper":9},"layers":[]}"#,
    #"{"format":"logicflow-network/1","input":{"count":0,"lower":0,"upper":9},"layers":[]}"#,
    #"{"format":"logicflow-network/1","input":{"count":1,"lower":9,"upper":9},"layers":[]}"#,
    #"{"format":"logicflow-network/1","input":{"count":1,"lower":0,"upper":9},"layers":[{"weights":[[400]],"bias":[0],"relu":true}]}"#,
    #"[]"#,
  ])
  func brokenFilesAreRefused(text: String) throws {
    let value = try JSON.parse(text)
    #expect(throws: LogicFlowError.self) { try NetworkFile.decode(value) }
  }

  @Test func trainedNetworksLearn() throws {
    let (network, split) = try Room.result.get()
    let classes = BatchClassifier(network).classify(split.test.features)
    let right = zip(classes, split.test.labels).count { $0 == $1 }
    #expect(Double(right) > 0.88 * Double(split.test.count))
  }

  /// Multipliers use the 31 bits they are given: no larger shift would have fitted.
  @Test func requantisationFillsThirtyOneBits() throws {
    let (network, _) = try Room.result.get()
    let relaxation = Relaxation(network, region: Region())
    for layer in 0..<network.hiddenLayers {
      let requant = try #require(network.layers[layer].requant)
      for (neuron, range) in relaxation.preactivations[layer].enumerated() where range.upperBound > 0 {
        #expect(range.upperBound * Int(requant.multiplier[neuron]) < 1 << 31)
        #expect(requant.shift[neuron] >= 8)
      }
    }
  }
}
