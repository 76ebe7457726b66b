import BasisN
import Testing
import TinyNN
import TinyTensor
import VisionModels

/// The integer path against plain integer loops over the reconstructed kernels.
@Suite struct ExactProductTests {
  /// `Σ_s α_s · (Σ_i E_si·(u_i - z))` for every window, in integers and then in Float, as the chip does it.
  static func reference(_ model: BasisNModel, layer name: String, input: Tensor) throws -> Tensor {
    let layer = try #require(model.layer(name))
    let node = try #require(model.network.node(named: name))
    var geometry = Conv2d(inputChannels: input.shape[input.rank - 1], outputChannels: layer.shape.outputs, kernel: 1)
    if case .conv2d(let convolution) = node.op { geometry = convolution }
    let x = input.rank == 2 ? input.reshaped([input.shape[0], 1, 1, input.shape[1]]) : input
    let g = try ConvGeometry(
      input: x.shape,
      weight: [geometry.outputChannels, geometry.inputChannels / geometry.groups, geometry.kernel, geometry.kernel],
      stride: geometry.stride, padding: geometry.padding, groups: geometry.groups)
    var y = Tensor(zeros: g.outputShape)
    let perGroup = layer.shape.kernelsPerGroup
    for image in 0..<g.batch {
      for row in 0..<g.outputHeight {
        for column in 0..<g.outputWidth {
          for kernel in 0..<layer.shape.outputs {
            let group = kernel / perGroup
            var window: [Int] = []
            for channel in 0..<g.inputChannels / g.groups {
              for ky in 0..<g.kernelHeight {
                for kx in 0..<g.kernelWidth {
                  let (sy, sx) = (row * g.stride - g.padding + ky, column * g.stride - g.padding + kx)
                  let isInside = (0..<g.inputHeight).contains(sy) && (0..<g.inputWidth).contains(sx)
                  let value = isInside ? x[image, sy, sx, group * g.inputChannels / g.groups + channel] : 0
                  window.append(Int(layer.input.quantize(value)) - layer.input.zeroPoint)
                }
              }
            }
            var sum: Float = 0
            for position in 0..<layer.slicing.count {
              let number = layer.slice(kernel: kernel, position: position)
              let integers = layer.integerKernel(number, basis: model.basis)
              let product = zip(layer.slicing.range(position), integers).reduce(0) { $0 + window[$1.0] * Int($1.1) }
              sum += layer.scales[number] * Float(product)
            }
            y[image, row, column, kernel] = sum * layer.input.scale
          }
        }
      }
    }
    return input.rank == 2 ? y.reshaped([input.shape[0], layer.shape.outputs]) : y
  }

  static func mapped(_ network: Network, _ name: String, _ input: Tensor) throws -> Tensor {
    guard case .custom(let operation)? = network.node(named: name)?.op else { return Tensor(zeros: [0]) }
    return try operation.forward([Variable(input)], parameters: [:], mode: .evaluation).value
  }

  @Test func everyLayerIsBitExact() throws {
    for network in [try Fixtures.network(), try Fixtures.grouped()] {
      let model = try Fixtures.model(network)
      let integers = try model.integerNetwork()
      let inputs = try LayerInputs(
        of: model.layers.map(\.shape.name), in: model.network, images: Fixtures.images(network, count: 18))
      for layer in model.layers {
        let input = try #require(inputs.tensors[layer.shape.name])
        let got = try Self.mapped(integers, layer.shape.name, input)
        #expect(try got == Self.reference(model, layer: layer.shape.name, input: input), "\(layer.shape.name)")
      }
    }
  }

  /// With 8-bit coefficients and 6-bit cells the sums leave the range in which one Float32 product is exact.
  @Test func largeKernelsAreSplitIntoDigits() throws {
    let network = try Fixtures.grouped()
    let configuration = EncodingConfiguration(basis: 6, rows: 9, nonzeros: 6, bits: 8, cellBits: 6, rounds: 1)
    let model = try Fixtures.model(network, configuration: configuration)
    let levels = [Int8](repeating: 63, count: 6 * 4096)
    let basis = try BasisSet(count: 6, length: 4096, cellBits: 6, levels: levels)
    let shape = try LayerShape(name: "wide", outputs: 1, reduction: 4096, windows: 1)
    let layer = try EncodedLayer(
      shape: shape, slicing: Slicing(reduction: 4096, rows: 4096), starts: [0, 6], atoms: [0, 1, 2, 3, 4, 5],
      values: [127, 127, 127, 127, 127, -126], scales: [1], input: InputQuantizer(scale: 1), basis: 6)
    let windows = Tensor(repeating: 255, shape: [1, 4096])
    let exact = Double(255 * 4096) * Double(63 * (5 * 127 - 126))
    let got = ExactProduct(layer, basis: basis).product(windows, group: 0, keys: []).item
    #expect(abs(Double(got) - exact) <= exact * 1e-6)
    #expect(model.layers.count == 2)
  }

  @Test func roundedNetworkIsCloseToTheFloatOne() throws {
    let network = try Fixtures.network()
    let model = try Fixtures.model(network)
    let images = Fixtures.images(network)
    let float = try Fixtures.logits(model.network, images)
    let integers = try Fixtures.logits(model.integerNetwork(), images)
    #expect((float - integers).norm() < 0.05 * float.norm())
  }

  @Test func resultsDoNotDependOnThreads() throws {
    let network = try Fixtures.network()
    let model = try Fixtures.model(network)
    let images = Fixtures.images(network, count: 20)
    let one = try Threads.withCount(1) { try Fixtures.logits(model.integerNetwork(), images) }
    let two = try Threads.withCount(2) { try Fixtures.logits(model.integerNetwork(), images) }
    #expect(one == two)
  }

  @Test func codeAndIntegersMeanTheSameKernels() throws {
    let network = try Fixtures.network()
    for scale in EncodingConfiguration.Scale.allCases {
      for set in CoefficientSet.allCases {
        var configuration = Fixtures.configuration()
        configuration.scale = scale
        configuration.coefficients = set
        let code = try BasisCode(encoding: network, configuration: configuration)
        let wanted = code.network(network)
        let model = try Fixtures.model(network, configuration: configuration)
        for layer in model.layers {
          let name = layer.shape.name + ".weight"
          let (a, b) = (try #require(model.network.parameters[name]), try #require(wanted.parameters[name]))
          #expect((a - b).norm() <= 1e-5 * b.norm())
          #expect(layer.values.allSatisfy { abs(Int($0)) <= configuration.quantizer.maximum && $0 != 0 })
          #expect(zip(layer.starts, layer.starts.dropFirst()).allSatisfy { $1 - $0 <= Int32(configuration.nonzeros) })
          if scale == .powerOfTwo {
            #expect(layer.scales.allSatisfy { abs($0.significand - 1) < 1e-5 || abs($0.significand - 2) < 1e-5 })
          }
        }
      }
    }
  }
}
