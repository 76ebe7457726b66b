import Foundation
import TinyTensor
import VisionModels

/// A slow, obviously correct interpreter of a network in Double: plain loops, no sharing with the library's kernels.
struct ReferenceNetwork {
  struct Map {
    /// `[n, h, w, c]` or `[n, features]`.
    var shape: [Int]
    var values: [Double]

    init(shape: [Int], _ values: [Double]) {
      self.shape = shape
      self.values = values
    }

    init(shape: [Int]) { self.init(shape: shape, Array(repeating: 0, count: shape.reduce(1, *))) }

    init(_ tensor: Tensor) { self.init(shape: tensor.shape, tensor.scalars.map(Double.init)) }

    subscript(n: Int, y: Int, x: Int, c: Int) -> Double {
      get { values[((n * shape[1] + y) * shape[2] + x) * shape[3] + c] }
      set { values[((n * shape[1] + y) * shape[2] + x) * shape[3] + c] = newValue }
    }
  }

  let network: Network
  var parameters: [String: [Double]]
  var training = false

  init(_ network: Network) {
    self.network = network
    parameters = network.parameters.mapValues { $0.scalars.map(Double.init) }
  }

  /// All node outputs by name.
  func run(_ images: Tensor) -> [String: Map] {
    var maps: [String: Map] = [:]
    for node in network.nodes {
      let inputs = node.inputs.compactMap { maps[$0] }
      maps[node.name] = node.name == network.nodes[0].name ? Map(images) : evaluate(node, inputs)
    }
    return maps
  }

  func output(_ images: Tensor) -> Map { run(images)[network.outputName] ?? Map(shape: [0]) }

  private func parameter(_ node: Node, _ local: String) -> [Double] { parameters["\(node.name).\(local)"] ?? [] }

  private func evaluate(_ node: Node, _ inputs: [Map]) -> Map {
    let x = inputs[0]
    func each(_ f: (Double) -> Double) -> Map { Map(shape: x.shape, x.values.map(f)) }
    switch node.op {
    case .conv2d(let conv): return convolve(node, conv, x)
    case .batchNorm(let norm): return normalize(node, norm, x)
    case .linear(let linear): return multiply(node, linear, x)
    case .relu: return each { max($0, 0) }
    case .relu6: return each { min(max($0, 0), 6) }
    case .gelu: return each { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }
    case .silu: return each { $0 / (1 + exp(-$0)) }
    case .sigmoid: return each { 1 / (1 + exp(-$0)) }
    case .hardSigmoid: return each { min(max($0 + 3, 0), 6) / 6 }
    case .tanh: return each { Foundation.tanh($0) }
    case .leakyReLU(let slope): return each { $0 > 0 ? $0 : Double(slope) * $0 }
    case .scale(let factor): return each { $0 * Double(factor) }
    case .zero: return each { _ in 0 }
    case .maxPool(let pool): return slide(x, pool) { window, _ in window.max() ?? 0 }
    case .avgPool(let pool, let countIncludePad):
      return slide(x, pool) { window, _ in
        window.reduce(0, +) / Double(countIncludePad ? pool.kernel * pool.kernel : window.count)
      }
    case .globalAveragePool:
      var y = Map(shape: [x.shape[0], x.shape[3]])
      for n in 0..<x.shape[0] {
        for c in 0..<x.shape[3] {
          for p in 0..<x.shape[1] * x.shape[2] {
            y.values[n * x.shape[3] + c] += x[n, p / x.shape[2], p % x.shape[2], c]
          }
          y.values[n * x.shape[3] + c] /= Double(x.shape[1] * x.shape[2])
        }
      }
      return y
    case .flatten:
      guard x.shape.count == 4 else { return x }
      var values: [Double] = []
      for n in 0..<x.shape[0] {
        for c in 0..<x.shape[3] {
          for y in 0..<x.shape[1] { for column in 0..<x.shape[2] { values.append(x[n, y, column, c]) } }
        }
      }
      return Map(shape: [x.shape[0], x.shape[1] * x.shape[2] * x.shape[3]], values)
    case .add:
      return inputs.dropFirst().reduce(x) { sum, y in Map(shape: x.shape, zip(sum.values, y.values).map(+)) }
    case .concat:
      var y = Map(shape: Array(x.shape.dropLast()) + [inputs.reduce(0) { $0 + ($1.shape.last ?? 0) }])
      y.values = []
      for pixel in 0..<x.values.count / (x.shape.last ?? 1) {
        for input in inputs {
          let c = input.shape.last ?? 1
          y.values += input.values[pixel * c..<(pixel + 1) * c]
        }
      }
      return y
    case .padShortcut(let pad):
      let (h, w) = ((x.shape[1] + pad.stride - 1) / pad.stride, (x.shape[2] + pad.stride - 1) / pad.stride)
      var y = Map(shape: [x.shape[0], h, w, x.shape[3] + pad.before + pad.after])
      for n in 0..<x.shape[0] {
        for r in 0..<h {
          for s in 0..<w {
            for c in 0..<x.shape[3] { y[n, r, s, pad.before + c] = x[n, r * pad.stride, s * pad.stride, c] }
          }
        }
      }
      return y
    default: return x
    }
  }

  private func convolve(_ node: Node, _ conv: Conv2d, _ x: Map) -> Map {
    let weight = parameter(node, "weight")
    let bias = parameter(node, "bias")
    let (h, w) = (x.shape[1], x.shape[2])
    let extent = conv.dilation * (conv.kernel - 1) + 1
    let oh = (h + 2 * conv.padding - extent) / conv.stride + 1
    let ow = (w + 2 * conv.padding - extent) / conv.stride + 1
    let (ci, co) = (conv.inputChannels / conv.groups, conv.outputChannels / conv.groups)
    var y = Map(shape: [x.shape[0], oh, ow, conv.outputChannels])
    for n in 0..<x.shape[0] {
      for o in 0..<conv.outputChannels {
        for r in 0..<oh {
          for s in 0..<ow {
            var sum = conv.bias ? bias[o] : 0
            for c in 0..<ci {
              for u in 0..<conv.kernel {
                for v in 0..<conv.kernel {
                  let a = r * conv.stride - conv.padding + u * conv.dilation
                  let b = s * conv.stride - conv.padding + v * conv.dilation
                  guard a >= 0, a < h, b >= 0, b < w else { continue }
                  let tap = ((o * ci + c) * conv.kernel + u) * conv.kernel + v
                  sum += x[n, a, b, o / co * ci + c] * weight[tap]
                }
              }
            }
            y[n, r, s, o] = sum
          }
        }
      }
    }
    return y
  }

  private func normalize(_ node: Node, _ norm: BatchNorm, _ x: Map) -> Map {
    let c = norm.channels
    var mean = parameter(node, "running_mean")
    var variance = parameter(node, "running_var")
    if training {
      let rows = Double(x.values.count / c)
      mean = Array(repeating: 0, count: c)
      variance = mean
      for (i, value) in x.values.enumerated() { mean[i % c] += value / rows }
      for (i, value) in x.values.enumerated() {
        variance[i % c] += (value - mean[i % c]) * (value - mean[i % c]) / rows
      }
    }
    let (gamma, beta) = (parameter(node, "weight"), parameter(node, "bias"))
    var y = x
    for i in y.values.indices {
      let k = i % c
      y.values[i] = (x.values[i] - mean[k]) / (variance[k] + Double(norm.epsilon)).squareRoot() * gamma[k] + beta[k]
    }
    return y
  }

  private func multiply(_ node: Node, _ linear: Linear, _ x: Map) -> Map {
    let (weight, bias) = (parameter(node, "weight"), parameter(node, "bias"))
    var y = Map(shape: [x.shape[0], linear.outputFeatures])
    for n in 0..<x.shape[0] {
      for o in 0..<linear.outputFeatures {
        var sum = linear.bias ? bias[o] : 0
        for i in 0..<linear.inputFeatures {
          sum += x.values[n * linear.inputFeatures + i] * weight[o * linear.inputFeatures + i]
        }
        y.values[n * linear.outputFeatures + o] = sum
      }
    }
    return y
  }

  private func slide(_ x: Map, _ pool: Pool, _ reduce: ([Double], Int) -> Double) -> Map {
    let (h, w) = (x.shape[1], x.shape[2])
    let (oh, ow) = (
      (h + 2 * pool.padding - pool.kernel) / pool.stride + 1, (w + 2 * pool.padding - pool.kernel) / pool.stride + 1
    )
    var y = Map(shape: [x.shape[0], oh, ow, x.shape[3]])
    for n in 0..<x.shape[0] {
      for c in 0..<x.shape[3] {
        for r in 0..<oh {
          for s in 0..<ow {
            var window: [Double] = []
            for u in 0..<pool.kernel {
              for v in 0..<pool.kernel {
                let (a, b) = (r * pool.stride - pool.padding + u, s * pool.stride - pool.padding + v)
                if a >= 0, a < h, b >= 0, b < w { window.append(x[n, a, b, c]) }
              }
            }
            y[n, r, s, c] = reduce(window, c)
          }
        }
      }
    }
    return y
  }
}

/// Random images and networks for the tests.
enum Fixture {
  static func images(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
    var generator = Philox(seed: seed, stream: "test.images")
    return .normal(shape, using: &generator)
  }

  /// Every tensor random, running statistics included, so that nothing is hidden by zeros and ones.
  static func randomized(_ network: Network, seed: UInt64 = 3) -> Network {
    var network = network
    network.initialize(seed: seed)
    for specification in network.parameterSpecifications {
      var generator = Philox(seed: seed, stream: "test." + specification.name)
      switch specification.role {
      case .scale, .runningVariance:
        network.parameters[specification.name] = .uniform(specification.shape, in: 0.5...1.5, using: &generator)
      case .shift, .runningMean, .bias:
        network.parameters[specification.name] = .uniform(specification.shape, in: -0.5...0.5, using: &generator)
      default: break
      }
    }
    return network
  }

  /// A small graph that uses every operation.
  static func everything() throws -> Network {
    var b = NetworkBuilder()
    let stem = Conv2d(inputChannels: 3, outputChannels: 8, kernel: 5, stride: 2, padding: 2, bias: true)
    var x = b.add("stem", .conv2d(stem), b.input)
    x = b.batchNorm("bn0", x, channels: 8)
    let a = b.add("silu", .silu, x)
    let depthwise = b.add(
      "depthwise",
      .conv2d(Conv2d(inputChannels: 8, outputChannels: 8, kernel: 3, padding: 2, dilation: 2, groups: 8)), a)
    let grouped = b.add(
      "grouped", .conv2d(Conv2d(inputChannels: 8, outputChannels: 8, kernel: 3, padding: 1, groups: 2)), a)
    let leaky = b.add("leaky", .leakyReLU(slope: 0.1), depthwise)
    let six = b.add("relu6", .relu6, grouped)
    let pooled = b.add("average", .avgPool(Pool(kernel: 3, stride: 1, padding: 1), countIncludePad: false), a)
    let padded = b.add("averagePad", .avgPool(Pool(kernel: 3, stride: 1, padding: 1), countIncludePad: true), a)
    let nothing = b.add("zero", .zero, a)
    x = b.add("sum", .add, leaky, six, pooled, padded, nothing)
    x = b.add("gelu", .gelu, x)
    let short = b.add("short", .padShortcut(PadShortcut(stride: 2, before: 1, after: 3)), x)
    x = b.add("max", .maxPool(Pool(kernel: 3, stride: 2, padding: 1)), x)
    x = b.convolution("wide", x, from: 8, to: 12, kernel: 1)
    x = b.batchNorm("bn1", x, channels: 12)
    x = b.add("residual", .add, x, short)
    x = b.add("relu", .relu, x)
    let gate = b.add("sigmoid", .sigmoid, x)
    let hard = b.add("hard", .hardSigmoid, x)
    let tanh = b.add("tanh", .tanh, x)
    x = b.add("concat", .concat, gate, hard, tanh)
    x = b.batchNorm("bn2", x, channels: 36)
    x = b.add("relu2", .relu, x)
    x = b.add("drop", .dropout(0.5), x)
    x = b.add("same", .identity, x)
    x = b.add("flatten", .flatten, x)
    x = b.add("hidden", .linear(Linear(inputFeatures: 36 * 9, outputFeatures: 7)), x)
    x = b.batchNorm("bn3", x, channels: 7)
    x = b.add("relu3", .relu, x)
    x = b.add("head", .linear(Linear(inputFeatures: 7, outputFeatures: 5, bias: false)), x)
    b.add("scale", .scale(0.5), x)
    return randomized(try b.build(name: "everything", inputShape: [11, 11, 3]))
  }
}

/// Largest difference relative to the largest reference value.
func relativeDifference(_ a: Tensor, _ b: ReferenceNetwork.Map) -> Double {
  let largest = b.values.map(abs).max() ?? 0
  return (zip(a.scalars, b.values).map { abs(Double($0) - $1) }.max() ?? .infinity) / max(largest, 1e-12)
}
