import Foundation
import LogicFlow
import LogicFlowVerify
import TinyTensor

/// A random integer network; small biases and dense weights make all parts of the requantisation appear.
func randomNetwork(
  _ sizes: [Int], upper: Int = 255, seed: UInt64, cap: Int32 = 127, zeros: Float = 0.2
) throws -> IntegerNetwork {
  var random = Philox(seed: seed, stream: "test.network")
  var layers: [IntegerNetwork.Layer] = []
  var reach = upper
  for (index, outputs) in sizes.dropFirst().enumerated() {
    let inputs = sizes[index]
    let weights = (0..<outputs).map { _ in
      (0..<inputs).map { _ in random.uniform() < zeros ? Int8(0) : Int8(random.next(below: 255) - 127) }
    }
    let bias = (0..<outputs).map { _ in Int32(random.next(below: 8000) - 4000) }
    guard index < sizes.count - 2 else {
      layers.append(IntegerNetwork.Layer(weights: weights, bias: bias, relu: false))
      break
    }
    // Sometimes the cap is reached, sometimes not.
    let scale = Double(cap) / (Double(inputs * reach) * 40)
    let shift = UInt8(14 + random.next(below: 12))
    let multiplier = (0..<outputs).map { _ in
      Int32(max(1, scale * Double(1 << Int(shift)) * Double(0.5 + 2 * random.uniform())))
    }
    layers.append(
      IntegerNetwork.Layer(
        weights: weights, bias: bias, relu: true,
        requant: IntegerNetwork.Requant(
          multiplier: multiplier, shift: Array(repeating: shift, count: outputs), upper: cap)))
    reach = Int(cap)
  }
  return try IntegerNetwork(input: InputDomain(count: sizes[0], upper: upper), layers: layers)
}

/// Random rows of the domain, row-major.
func randomRows(_ count: Int, _ network: IntegerNetwork, seed: UInt64 = 1) -> [UInt8] {
  var random = Philox(seed: seed, stream: "test.rows")
  return (0..<count * network.inputs).map { _ in
    UInt8(network.input.lower + random.next(below: network.input.upper - network.input.lower + 1))
  }
}

/// A trained room network with its split, made once.
enum Room {
  static let result = Result { () throws -> (network: IntegerNetwork, split: SampleSplit) in
    let split = try SampleSplit(SyntheticSamples.room(rows: 1500))
    let float = try NetworkTrainer(hidden: [6, 8], epochs: 6).train(split.train, classes: 2)
    return (try Quantizer.quantize(float, calibration: split.train, names: split.names), split)
  }
}
