extension Models {
  /// Size of the fast-training network of K. Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (2024).
  public enum Airbench: String, Sendable, Codable, CaseIterable {
    /// Widths 64, 128, 128: 93 % after 11 epochs.
    case airbench93
    /// Widths 64, 256, 256: 94 % after 9.9 epochs.
    case airbench94

    /// Widths of the three groups.
    public var widths: [Int] { self == .airbench93 ? [64, 128, 128] : [64, 256, 256] }
  }

  /// The airbench network: a frozen 2×2 whitening convolution, three groups of two 3×3 convolutions, max pools, GELU,
  /// a linear layer without bias, and a constant factor 1/9 on the logits.
  ///
  /// Names follow the published `nn.Sequential`: `0` (whitening), `{2,3,4}.{conv1,pool,norm1,conv2,norm2}`, `7`. The
  /// whitening weights and the batch-norm scales are in ``Network/frozenParameters``.
  public static func airbench(_ size: Airbench, classes: Int = 10) throws(NetworkError) -> Network {
    var builder = NetworkBuilder()
    var frozen: Set<String> = ["0.weight"]
    let whitened = 24
    var x = builder.add(
      "0", .conv2d(Conv2d(inputChannels: 3, outputChannels: whitened, kernel: 2, bias: true)), builder.input)
    x = builder.add("1", .gelu, x)
    var channels = whitened
    for (group, width) in size.widths.enumerated() {
      let name = "\(group + 2)"
      x = builder.convolution("\(name).conv1", x, from: channels, to: width, kernel: 3)
      x = builder.add("\(name).pool", .maxPool(Pool(kernel: 2)), x)
      x = airbenchNorm(&builder, "\(name).norm1", x, channels: width)
      x = builder.add("\(name).activation1", .gelu, x)
      x = builder.convolution("\(name).conv2", x, from: width, to: width, kernel: 3)
      x = airbenchNorm(&builder, "\(name).norm2", x, channels: width)
      x = builder.add("\(name).activation2", .gelu, x)
      frozen.formUnion(["\(name).norm1.weight", "\(name).norm2.weight"])
      channels = width
    }
    x = builder.add("5", .maxPool(Pool(kernel: 3)), x)
    x = builder.add("6", .flatten, x)
    x = builder.add("7", .linear(Linear(inputFeatures: channels, outputFeatures: classes, bias: false)), x)
    builder.add("8", .scale(1 / 9), x)
    return try builder.build(name: size.rawValue, inputShape: [32, 32, 3], frozenParameters: frozen)
  }

  /// Batch norm with the recipe's ε and momentum (0.4 of the new batch, i.e. 0.6 of the old statistics).
  private static func airbenchNorm(
    _ builder: inout NetworkBuilder, _ name: String, _ input: String, channels: Int
  ) -> String {
    builder.add(name, .batchNorm(BatchNorm(channels: channels, epsilon: 1e-12, momentum: 0.4)), input)
  }
}
