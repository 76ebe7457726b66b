extension Models {
  /// Depth of a VGG network (Simonyan & Zisserman 2015), with batch normalisation.
  public enum VGGDepth: String, Sendable, Codable, CaseIterable {
    /// 13 convolutions.
    case vgg16
    /// 16 convolutions.
    case vgg19

    /// Widths of the convolutions in the five groups.
    var groups: [[Int]] {
      let repeats = self == .vgg16 ? [2, 2, 3, 3, 3] : [2, 2, 4, 4, 4]
      return zip([64, 128, 256, 512, 512], repeats).map { Array(repeating: $0, count: $1) }
    }
  }

  /// What follows the convolutions of a VGG network.
  public enum VGGHead: String, Sendable, Codable, CaseIterable {
    /// 2×2 average pool, `512 → classes`.
    case direct
    /// 2×2 average pool, `512 → 512`, batch norm, ReLU, `→ classes` (the variant of most pruning tables).
    case hidden
    /// Five max pools on 224×224 images and `25088 → 4096 → 4096 → classes` with dropout.
    case imagenet
  }

  /// VGG with batch normalisation. Names follow torchvision: `features.{index}` and `classifier[.{index}]`.
  /// - Parameters:
  ///   - depth: 16 or 19 weight layers.
  ///   - head: what follows the convolutions; `.imagenet` expects 224×224 images, the others 32×32.
  ///   - bias: whether convolutions carry a (redundant, but usual) bias.
  ///   - width: factor on all convolution widths, rounded, at least 1.
  public static func vggBN(
    _ depth: VGGDepth, classes: Int = 10, head: VGGHead = .direct, bias: Bool = true, width: Double = 1
  ) throws(NetworkError) -> Network {
    guard width > 0, width <= 64 else { throw .invalidModel("VGG width factor \(width) is outside 0…64") }
    var builder = NetworkBuilder()
    var x = builder.input
    var channels = 3
    var index = 0
    func next() -> String {
      defer { index += 1 }
      return "features.\(index)"
    }
    let groups = depth.groups
    for (group, widths) in groups.enumerated() {
      for base in widths {
        let outputs = max(1, Int((Double(base) * width).rounded()))
        x = builder.convolution(next(), x, from: channels, to: outputs, kernel: 3, bias: bias)
        x = builder.batchNorm(next(), x, channels: outputs)
        x = builder.add(next(), .relu, x)
        channels = outputs
      }
      if group < groups.count - 1 || head == .imagenet { x = builder.add(next(), .maxPool(Pool(kernel: 2)), x) }
    }
    if head != .imagenet {
      x = builder.add("avgpool", .avgPool(Pool(kernel: 2), countIncludePad: true), x)
    }
    x = builder.add("flatten", .flatten, x)
    switch head {
    case .direct:
      builder.add("classifier", .linear(Linear(inputFeatures: channels, outputFeatures: classes)), x)
    case .hidden:
      x = builder.add("classifier.0", .linear(Linear(inputFeatures: channels, outputFeatures: channels)), x)
      x = builder.batchNorm("classifier.1", x, channels: channels)
      x = builder.add("classifier.2", .relu, x)
      builder.add("classifier.3", .linear(Linear(inputFeatures: channels, outputFeatures: classes)), x)
    case .imagenet:
      x = builder.add("classifier.0", .linear(Linear(inputFeatures: 49 * channels, outputFeatures: 4096)), x)
      x = builder.add("classifier.1", .relu, x)
      x = builder.add("classifier.2", .dropout(0.5), x)
      x = builder.add("classifier.3", .linear(Linear(inputFeatures: 4096, outputFeatures: 4096)), x)
      x = builder.add("classifier.4", .relu, x)
      x = builder.add("classifier.5", .dropout(0.5), x)
      builder.add("classifier.6", .linear(Linear(inputFeatures: 4096, outputFeatures: classes)), x)
    }
    let name =
      depth.rawValue + (width == 1 ? "" : "x\(width)") + (bias ? "" : "-nobias")
      + (head == .direct ? "" : "-\(head.rawValue)")
    return try builder.build(name: name, inputShape: head == .imagenet ? [224, 224, 3] : [32, 32, 3])
  }
}
