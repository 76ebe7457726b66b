import ImageDataset
import TinyNN
import TinyTensor
import VisionModels

import ClassAwarePruning

/// Small networks and data for the tests.
enum Fixtures {
  /// Expand 1×1, depthwise 3×3, project 1×1, head.
  static func depthwise(channels: Int) throws -> Network {
    var builder = NetworkBuilder()
    var x = builder.convolution("expand", builder.input, from: 3, to: channels, kernel: 1)
    x = builder.batchNorm("bn1", x, channels: channels)
    x = builder.add("relu1", .relu6, x)
    x = builder.add(
      "depthwise",
      .conv2d(Conv2d(inputChannels: channels, outputChannels: channels, kernel: 3, padding: 1, groups: channels)), x)
    x = builder.batchNorm("bn2", x, channels: channels)
    x = builder.add("relu2", .relu6, x)
    x = builder.convolution("project", x, from: channels, to: 8, kernel: 1, bias: true)
    x = builder.add("pool", .globalAveragePool, x)
    _ = builder.add("linear", .linear(Linear(inputFeatures: 8, outputFeatures: 3)), x)
    var network = try builder.build(name: "depthwise", inputShape: [6, 6, 3])
    randomize(&network, seed: 4)
    return network
  }

  /// A network around a custom operation.
  static func custom() throws -> Network {
    var builder = NetworkBuilder()
    var x = builder.convolution("conv", builder.input, from: 3, to: 4, kernel: 3)
    x = builder.add("special", .custom(Doubling()), x)
    x = builder.add("pool", .globalAveragePool, x)
    _ = builder.add("linear", .linear(Linear(inputFeatures: 4, outputFeatures: 2)), x)
    return try builder.build(name: "custom", inputShape: [4, 4, 3])
  }

  /// Fills all tensors, running statistics included, with numbers that leave no structure.
  static func randomize(_ network: inout Network, seed: UInt64) {
    for specification in network.parameterSpecifications {
      var generator = Philox(seed: seed, stream: specification.name)
      let shape = specification.shape
      let tensor: Tensor
      switch specification.role {
      case .weight, .custom, .customBuffer:
        let fanIn = Float(max(1, specification.count / max(1, shape[0])))
        tensor = .normal(shape, mean: 0, standardDeviation: (2 / fanIn).squareRoot(), using: &generator)
      case .bias, .shift, .runningMean: tensor = .normal(shape, mean: 0, standardDeviation: 0.3, using: &generator)
      case .scale, .runningVariance: tensor = .uniform(shape, in: 0.5...1.5, using: &generator)
      }
      network.parameters[specification.name] = tensor
    }
  }

  /// Random images.
  static func images(_ count: Int, _ shape: [Int], seed: UInt64 = 9) -> Tensor {
    var generator = Philox(seed: seed, stream: "images")
    return .normal([count] + shape, mean: 0, standardDeviation: 1, using: &generator)
  }

  /// 8×8 images of `classes` classes that a small network learns in a few steps: a bright bar whose place is the class.
  static func bars(perClass: Int, classes: Int = 4, split: String = "train", seed: UInt64 = 1) throws -> LabeledImages {
    var generator = Philox(seed: seed, stream: "bars.\(split)")
    var pixels: [UInt8] = []
    var labels: [Int] = []
    for index in 0..<perClass * classes {
      let label = index % classes
      labels.append(label)
      for y in 0..<8 {
        for x in 0..<8 {
          let isBar = y / 2 == label % 4 && (label < 4 || x < 4)
          for channel in 0..<3 {
            let noise = generator.next(below: 90)
            pixels.append(UInt8((isBar ? 140 + 10 * channel : 20) + noise))
          }
        }
      }
    }
    return try LabeledImages(
      name: "bars", split: split, width: 8, height: 8, classes: (0..<classes).map { "bar\($0)" }, labels: labels,
      pixels: pixels, origin: .synthetic)
  }

  /// Images per class as tensors.
  static func set(_ shape: [Int], classes: Int, perClass: Int) throws -> ScoringSet {
    try ScoringSet(
      classes: (0..<classes).map { "c\($0)" },
      images: (0..<classes).map { images(perClass, shape, seed: UInt64(100 + $0)) })
  }
}

/// Multiplies by 2.
struct Doubling: CustomOperation {
  let kind = "test.double"
  let configuration = "{}"
  let parameterSpecifications: [ParameterSpecification] = []
  func outputShape(inputs: [[Int]]) throws(NetworkError) -> [Int] { inputs[0] }
  func macs(inputs: [[Int]], output: [Int]) -> Int { 0 }
  func forward(
    _ inputs: [Variable], parameters: [String: Variable], mode: ForwardMode
  ) throws(NetworkError) -> Variable { inputs[0] * 2 }
}
