import Foundation
import LogicFlowVerify
import TinyTensor

/// Float network → integer network (specification 2.1): int8 weights with a scale per neuron, one scale in the last layer so that
/// logits compare, and requantisation constants calibrated on training rows.
public enum Quantizer {
  /// Quantises `network`, whose inputs are integer features divided by 255.
  public static func quantize(
    _ network: FloatNetwork, calibration: IntegerSamples, names: [String]? = nil
  ) throws(LogicFlowError) -> IntegerNetwork {
    let input = InputDomain(count: calibration.width, names: names)
    var layers: [IntegerNetwork.Layer] = []
    var scale = 1.0 / 255
    var upper = 255
    let activations = network.activations(calibration.tensor(0..<calibration.count))
    for (index, layer) in network.layers.enumerated() {
      let isLast = index == network.layers.count - 1
      let (outputs, inputs) = (layer.weight.shape[0], layer.weight.shape[1])
      let weights = layer.weight.scalars.map(Double.init)
      let rows = (0..<outputs).map { Array(weights[$0 * inputs..<($0 + 1) * inputs]) }
      let largest = rows.map { row in row.lazy.map(abs).max() ?? 0 }
      let common = largest.max() ?? 0
      // A neuron without weights has any scale.
      let scales = largest.map { (isLast ? common : $0) > 0 ? (isLast ? common : $0) / 127 : 1 }
      let integers = zip(rows, scales).map { row, scale in row.map { Int8(max(-127, min(127, ($0 / scale).rounded()))) }
      }
      var bias: [Int32] = []
      for (neuron, value) in layer.bias.scalars.enumerated() {
        let scaled = (Double(value) / (scales[neuron] * scale)).rounded()
        guard abs(scaled) < 0x1p31 else {
          throw .invalidNetwork(path: "layers[\(index)].bias[\(neuron)]", reason: "\(scaled) does not fit into 32 bits")
        }
        bias.append(Int32(scaled))
      }
      guard !isLast else {
        layers.append(IntegerNetwork.Layer(weights: integers, bias: bias, relu: false))
        break
      }
      let next = Double(max(activations[index].scalars.max() ?? 0, 1e-6)) / 127
      var multiplier: [Int32] = []
      var shift: [UInt8] = []
      for neuron in 0..<outputs {
        let reach = Double(abs(bias[neuron])) + integers[neuron].reduce(0.0) { $0 + abs(Double($1)) * Double(upper) }
        let (factor, bits) = fixedPoint(scales[neuron] * scale / next, largest: max(reach, 1))
        multiplier.append(factor)
        shift.append(bits)
      }
      layers.append(
        IntegerNetwork.Layer(
          weights: integers, bias: bias, relu: true,
          requant: IntegerNetwork.Requant(multiplier: multiplier, shift: shift)))
      scale = next
      upper = 127
    }
    do { return try IntegerNetwork(input: input, layers: layers) } catch {
      throw .invalidNetwork(path: error.path, reason: error.reason)
    }
  }

  /// `ratio ≈ multiplier · 2^-shift` with the largest shift up to 30 that keeps `multiplier · largest` below 2^31.
  static func fixedPoint(_ ratio: Double, largest: Double) -> (multiplier: Int32, shift: UInt8) {
    for shift in stride(from: 30, through: 0, by: -1) {
      let multiplier = (ratio * exp2(Double(shift))).rounded()
      if multiplier * largest < 0x1p31 { return (Int32(max(multiplier, 1)), UInt8(shift)) }
    }
    return (1, 0)
  }
}
