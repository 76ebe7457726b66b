import TinyTensor
import VisionModels

/// A network with absolute weights, without batch norm and bias, on an image of ones: plain loops in double precision.
struct SlowPositiveNetwork {
  private struct Map {
    var size: Int
    var channels: Int
    var values: [Double]
  }

  private let network: Network

  init(_ network: Network) { self.network = network }

  /// The sum of the logits with all weights scaled.
  func output(scale: Double) -> Double {
    var maps: [String: Map] = [:]
    var last = Map(size: 1, channels: 1, values: [])
    for node in network.nodes {
      last = evaluate(node, node.inputs.compactMap { maps[$0] }, scale)
      maps[node.name] = last
    }
    return last.values.reduce(0, +)
  }

  private func evaluate(_ node: Node, _ inputs: [Map], _ scale: Double) -> Map {
    let size = network.inputShape[0]
    guard let x = inputs.first else {
      return Map(size: size, channels: 3, values: Array(repeating: 1, count: size * size * 3))
    }
    let weight = (network.parameters[node.name + ".weight"]?.scalars ?? []).map { abs(Double($0)) * scale }
    switch node.op {
    case .conv2d(let conv):
      let out = (x.size + 2 * conv.padding - conv.kernel) / conv.stride + 1
      var y = Map(
        size: out, channels: conv.outputChannels, values: Array(repeating: 0, count: out * out * conv.outputChannels))
      windows(x, out, conv.kernel, conv.stride, conv.padding) { position, tap, source in
        for o in 0..<y.channels {
          for i in 0..<x.channels {
            y.values[position * y.channels + o] +=
              weight[(o * x.channels + i) * conv.kernel * conv.kernel + tap] * x.values[source * x.channels + i]
          }
        }
      }
      return y
    case .linear:
      let outputs = weight.count / x.channels
      return Map(
        size: 1, channels: outputs,
        values: (0..<outputs).map { o in (0..<x.channels).reduce(0) { $0 + weight[o * x.channels + $1] * x.values[$1] }
        })
    case .avgPool(let pool, let countIncludePad):
      let out = (x.size + 2 * pool.padding - pool.kernel) / pool.stride + 1
      var y = Map(size: out, channels: x.channels, values: Array(repeating: 0, count: out * out * x.channels))
      var counts = [Int](repeating: 0, count: out * out)
      windows(x, out, pool.kernel, pool.stride, pool.padding) { position, _, source in
        counts[position] += 1
        for c in 0..<x.channels { y.values[position * x.channels + c] += x.values[source * x.channels + c] }
      }
      for position in counts.indices {
        let count = countIncludePad ? pool.kernel * pool.kernel : counts[position]
        for c in 0..<x.channels { y.values[position * x.channels + c] /= Double(count) }
      }
      return y
    case .globalAveragePool:
      let positions = x.size * x.size
      return Map(
        size: 1, channels: x.channels,
        values: (0..<x.channels).map { c in
          (0..<positions).reduce(0) { $0 + x.values[$1 * x.channels + c] } / Double(positions)
        })
    case .add:
      return inputs.dropFirst().reduce(x) { sum, other in
        Map(size: sum.size, channels: sum.channels, values: zip(sum.values, other.values).map { $0 + $1 })
      }
    case .zero: return Map(size: x.size, channels: x.channels, values: x.values.map { _ in 0 })
    default: return x
    }
  }

  /// Visits every tap of every window that lies inside the image.
  private func windows(
    _ x: Map, _ out: Int, _ kernel: Int, _ stride: Int, _ padding: Int,
    _ visit: (_ position: Int, _ tap: Int, _ source: Int) -> Void
  ) {
    for row in 0..<out {
      for column in 0..<out {
        for tap in 0..<(kernel * kernel) {
          let r = row * stride + tap / kernel - padding
          let c = column * stride + tap % kernel - padding
          if r >= 0, c >= 0, r < x.size, c < x.size { visit(row * out + column, tap, r * x.size + c) }
        }
      }
    }
  }
}
