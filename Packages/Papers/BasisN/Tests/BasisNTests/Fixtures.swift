import BasisN
import ImageDataset
import TinyTensor
import VisionModels

/// Small networks and encodings that several suites use.
enum Fixtures {
  /// Four convolutions on 8 × 8 images, with random weights.
  static func network(seed: UInt64 = 1) throws -> Network {
    var network = try Models.digits(classes: 10, inputShape: [8, 8, 3], width: 8)
    network.initialize(seed: seed)
    network.normalization = Normalization.none
    return network
  }

  /// A convolution with groups and stride, and a linear layer with a bias.
  static func grouped() throws -> Network {
    var builder = NetworkBuilder()
    var x = builder.add(
      "first",
      .conv2d(Conv2d(inputChannels: 4, outputChannels: 6, kernel: 3, stride: 2, padding: 1, groups: 2, bias: true)),
      builder.input)
    x = builder.add("relu", .relu, x)
    x = builder.add("pool", .globalAveragePool, x)
    builder.add("last", .linear(Linear(inputFeatures: 6, outputFeatures: 3)), x)
    var network = try builder.build(name: "grouped", inputShape: [7, 5, 4])
    network.initialize(seed: 5)
    return network
  }

  /// A configuration with short crossbars, so that kernels have several slices.
  static func configuration(contest: Double = 0, bits: Int = 4, basis: Int = 24) -> EncodingConfiguration {
    EncodingConfiguration(basis: basis, rows: 32, nonzeros: 6, bits: bits, contest: contest, rounds: 3, seed: 3)
  }

  /// Random images in the network's shape.
  static func images(_ network: Network, count: Int = 3, seed: UInt64 = 7) -> Tensor {
    var generator = Philox(seed: seed, stream: "images")
    return .normal([count] + network.inputShape, using: &generator)
  }

  /// A network as integers, calibrated on random images.
  static func model(_ network: Network, configuration: EncodingConfiguration = configuration()) throws -> BasisNModel {
    let code = try BasisCode(encoding: network, configuration: configuration)
    let inputs = try LayerInputs(
      of: code.layers.map(\.shape.name), in: code.network(network), images: images(network, count: 8))
    return try BasisNModel(code, network: network, inputs: inputs.quantizers())
  }

  /// Logits of a network.
  static func logits(_ network: Network, _ images: Tensor) throws -> Tensor {
    try InferenceEngine(network).logits(images)
  }

  /// Labelled random images.
  static func labelled(count: Int, seed: UInt64 = 2) -> LabeledImages {
    SyntheticImages.make(train: count, test: 10, classes: 10, seed: seed).train.resized(to: 8)
  }
}
