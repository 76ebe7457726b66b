import LogicFlowVerify
import TinyTensor

/// Integer inference of many rows: sixteen rows side by side in the lanes of a vector.
///
/// Every lane does exactly what ``IntegerNetwork`` does. Products of the requantisation are taken in 32 bits where the network's
/// interval bounds show that this suffices, else in 64.
struct BatchKernel: Sendable {
  typealias Lanes = SIMD16<Int32>

  private struct Layer: Sendable {
    let inputs: Int
    let outputs: Int
    /// `[output][input]`.
    let weights: [Int32]
    let bias: [Int32]
    let multiplier: [Int32]
    let shift: [Int32]
    let upper: Int32
    let isNarrow: Bool
  }

  private let layers: [Layer]
  private let width: Int
  /// Hidden neurons.
  let signs: Int

  init(_ network: IntegerNetwork) {
    let relaxation = Relaxation(network, region: Region())
    layers = network.layers.enumerated().map { index, layer in
      var isNarrow = true
      if let requant = layer.requant {
        for (neuron, range) in relaxation.preactivations[index].enumerated() {
          isNarrow = isNarrow && max(range.upperBound, 0) * Int(requant.multiplier[neuron]) < 1 << 31
        }
      }
      return Layer(
        inputs: layer.weights[0].count, outputs: layer.bias.count,
        weights: layer.weights.flatMap { $0.map(Int32.init) },
        bias: layer.bias, multiplier: layer.requant?.multiplier ?? [],
        shift: (layer.requant?.shift ?? []).map(Int32.init),
        upper: layer.requant?.upper ?? 0, isNarrow: isNarrow)
    }
    width = network.inputs
    signs = network.hiddenNeurons
  }

  /// Classes, and the sign bits of the hidden pre-activations when `patterns` is given (`words` words of 64 bits per row).
  func run(
    _ rows: UnsafePointer<UInt8>, count: Int, classes: UnsafeMutablePointer<UInt16>,
    patterns: UnsafeMutablePointer<UInt64>? = nil, words: Int = 0
  ) {
    let largest = max(width, layers.map(\.outputs).max() ?? 0)
    parallelFor((count + 511) / 512) { block in
      withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 2 * largest) { buffer in
        guard let base = buffer.baseAddress else { return }
        for start in stride(from: block * 512, to: min(block * 512 + 512, count), by: 16) {
          let lanes = min(16, count - start)
          runLanes(
            rows + start * width, lanes, base, base + largest, classes + start, patterns.map { $0 + start * words },
            words)
        }
      }
    }
  }

  private func runLanes(
    _ rows: UnsafePointer<UInt8>, _ lanes: Int, _ first: UnsafeMutablePointer<Lanes>,
    _ second: UnsafeMutablePointer<Lanes>, _ classes: UnsafeMutablePointer<UInt16>,
    _ patterns: UnsafeMutablePointer<UInt64>?, _ words: Int
  ) {
    for feature in 0..<width {
      var value = Lanes()
      for lane in 0..<lanes { value[lane] = Int32(rows[lane * width + feature]) }
      first[feature] = value
    }
    var (source, target) = (first, second)
    var bit = 0
    for layer in layers {
      layer.weights.withUnsafeBufferPointer { weights in
        for output in 0..<layer.outputs {
          var sum = Lanes(repeating: layer.bias[output])
          let row = output * layer.inputs
          for input in 0..<layer.inputs { sum &+= source[input] &* weights[row + input] }
          target[output] = layer.multiplier.isEmpty ? sum : rectified(sum, layer, output)
          if let patterns, !layer.multiplier.isEmpty {
            for lane in 0..<lanes where sum[lane] > 0 { patterns[lane * words + bit >> 6] |= 1 << UInt64(bit & 63) }
            bit += 1
          }
        }
      }
      swap(&source, &target)
    }
    var best = source[0]
    var index = Lanes()
    for output in 1..<layers[layers.count - 1].outputs {
      let wins = source[output] .> best
      best.replace(with: source[output], where: wins)
      index.replace(with: Int32(output), where: wins)
    }
    for lane in 0..<lanes { classes[lane] = UInt16(index[lane]) }
  }

  private func rectified(_ sum: Lanes, _ layer: Layer, _ output: Int) -> Lanes {
    let positive = sum.replacing(with: 0, where: sum .< 0)
    let (multiplier, shift) = (layer.multiplier[output], layer.shift[output])
    var value: Lanes
    if layer.isNarrow {
      value = (positive &* multiplier) &>> Lanes(repeating: shift)
    } else {
      let wide = SIMD16<Int64>(truncatingIfNeeded: positive) &* Int64(multiplier)
      let shifted = wide &>> SIMD16<Int64>(repeating: Int64(shift))
      value = Lanes(
        truncatingIfNeeded: shifted.replacing(with: Int64(layer.upper), where: shifted .> Int64(layer.upper)))
    }
    value.replace(with: layer.upper, where: value .> layer.upper)
    return value
  }
}
