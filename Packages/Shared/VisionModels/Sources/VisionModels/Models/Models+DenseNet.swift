extension Models {
  /// The CIFAR DenseNet of Huang et al. 2017: three dense blocks of pre-activation layers.
  ///
  /// Names: `conv1`, `block{1,2,3}.layer.{i}.{bn1,conv1[,bn2,conv2]}`, `trans{1,2}.{bn1,conv1}`, `bn1`, `fc`. Each layer
  /// concatenates its `growth` new channels *behind* what came before.
  /// - Parameters:
  ///   - depth: `3n + 4` (plain) or `6n + 4` (bottleneck).
  ///   - growth: new channels per layer (k).
  ///   - bottleneck: whether a 1×1 convolution to `4·growth` channels precedes the 3×3 ("-B").
  ///   - compression: factor on the width in the transitions ("-C").
  public static func densenet(
    depth: Int, growth: Int = 12, bottleneck: Bool = false, compression: Double = 1, classes: Int = 10
  ) throws(NetworkError) -> Network {
    let layers = (depth - 4) / (bottleneck ? 6 : 3)
    guard layers > 0, (depth - 4) % (bottleneck ? 6 : 3) == 0, growth > 0, compression > 0, compression <= 1 else {
      throw .invalidModel(
        "a DenseNet has depth \(bottleneck ? "6n + 4" : "3n + 4"), growth > 0 and compression in 0…1, got \(depth), "
          + "\(growth), \(compression)")
    }
    var builder = NetworkBuilder()
    var channels = bottleneck ? 2 * growth : 16
    var x = builder.convolution("conv1", builder.input, from: 3, to: channels, kernel: 3)
    for block in 1...3 {
      for layer in 0..<layers {
        x = denseLayer(
          &builder, prefix: "block\(block).layer.\(layer)", names: ("bn", "relu", "conv"), x, channels: channels,
          growth: growth, bottleneck: bottleneck)
        channels += growth
      }
      guard block < 3 else { break }
      let outputs = max(1, Int(Double(channels) * compression))
      x = builder.batchNorm("trans\(block).bn1", x, channels: channels)
      x = builder.add("trans\(block).relu", .relu, x)
      x = builder.convolution("trans\(block).conv1", x, from: channels, to: outputs, kernel: 1)
      x = builder.add("trans\(block).pool", .avgPool(Pool(kernel: 2), countIncludePad: true), x)
      channels = outputs
    }
    x = builder.batchNorm("bn1", x, channels: channels)
    x = builder.add("relu", .relu, x)
    x = builder.add("pool", .globalAveragePool, x)
    builder.add("fc", .linear(Linear(inputFeatures: channels, outputFeatures: classes)), x)
    let name = bottleneck ? "densenet-bc-\(depth)" : "densenet\(depth)"
    return try builder.build(name: name, inputShape: [32, 32, 3])
  }

  /// DenseNet-121 for 224×224 images, with torchvision's names (`features.denseblock1.denselayer1.norm1`, …).
  public static func densenet121(classes: Int = 1000) throws(NetworkError) -> Network {
    let growth = 32
    var builder = NetworkBuilder()
    var channels = 64
    var x = builder.convolution("features.conv0", builder.input, from: 3, to: channels, kernel: 7, stride: 2)
    x = builder.batchNorm("features.norm0", x, channels: channels)
    x = builder.add("features.relu0", .relu, x)
    x = builder.add("features.pool0", .maxPool(Pool(kernel: 3, stride: 2, padding: 1)), x)
    for (block, layers) in [6, 12, 24, 16].enumerated() {
      for layer in 1...layers {
        x = denseLayer(
          &builder, prefix: "features.denseblock\(block + 1).denselayer\(layer)", names: ("norm", "relu", "conv"), x,
          channels: channels, growth: growth, bottleneck: true)
        channels += growth
      }
      guard block < 3 else { break }
      let name = "features.transition\(block + 1)"
      x = builder.batchNorm("\(name).norm", x, channels: channels)
      x = builder.add("\(name).relu", .relu, x)
      x = builder.convolution("\(name).conv", x, from: channels, to: channels / 2, kernel: 1)
      x = builder.add("\(name).pool", .avgPool(Pool(kernel: 2), countIncludePad: true), x)
      channels /= 2
    }
    x = builder.batchNorm("features.norm5", x, channels: channels)
    x = builder.add("relu", .relu, x)
    x = builder.add("pool", .globalAveragePool, x)
    builder.add("classifier", .linear(Linear(inputFeatures: channels, outputFeatures: classes)), x)
    return try builder.build(name: "densenet121", inputShape: [224, 224, 3])
  }

  /// Norm–ReLU–conv (twice with a bottleneck), concatenated behind the input.
  private static func denseLayer(
    _ builder: inout NetworkBuilder, prefix: String, names: (norm: String, relu: String, convolution: String),
    _ input: String, channels: Int, growth: Int, bottleneck: Bool
  ) -> String {
    var width = channels
    var x = input
    if bottleneck {
      x = builder.batchNorm("\(prefix).\(names.norm)1", x, channels: channels)
      x = builder.add("\(prefix).\(names.relu)1", .relu, x)
      x = builder.convolution("\(prefix).\(names.convolution)1", x, from: channels, to: 4 * growth, kernel: 1)
      width = 4 * growth
    }
    let last = bottleneck ? 2 : 1
    x = builder.batchNorm("\(prefix).\(names.norm)\(last)", x, channels: width)
    x = builder.add("\(prefix).\(names.relu)\(last)", .relu, x)
    x = builder.convolution("\(prefix).\(names.convolution)\(last)", x, from: width, to: growth, kernel: 3)
    return builder.add("\(prefix).concat", .concat, input, x)
  }
}
