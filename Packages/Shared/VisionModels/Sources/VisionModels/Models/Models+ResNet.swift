extension Models {
  /// The CIFAR ResNet of He et al. 2016, section 4.2: depth `6n + 2`, widths 16, 32, 64.
  ///
  /// Names: `conv1`, `bn1`, `layer{1,2,3}.{block}.conv{1,2}`, `.bn{1,2}`, `.shortcut.{0,1}` (projection), `linear`.
  /// - Parameters:
  ///   - depth: 20, 32, 44, 56, 110, or any other `6n + 2`.
  ///   - shortcut: option A (`.pad`, parameter-free) or option B (`.projection`).
  ///   - width: channels of the first group.
  /// - Throws: ``NetworkError/invalidModel(_:)`` for an impossible depth.
  public static func resnetCIFAR(
    depth: Int, classes: Int = 10, shortcut: Shortcut = .pad, width: Int = 16
  ) throws(NetworkError) -> Network {
    guard depth >= 8, (depth - 2) % 6 == 0, width > 0 else {
      throw .invalidModel(
        "a CIFAR ResNet has depth 6n + 2 (20, 32, 44, 56, 110, …) and width > 0, got \(depth), \(width)")
    }
    var builder = NetworkBuilder()
    var x = builder.convolution("conv1", builder.input, from: 3, to: width, kernel: 3)
    x = builder.batchNorm("bn1", x, channels: width)
    x = builder.add("relu1", .relu, x)
    var channels = width
    for group in 1...3 {
      let outputs = width << (group - 1)
      for block in 0..<(depth - 2) / 6 {
        let stride = group > 1 && block == 0 ? 2 : 1
        x = basicBlock(
          &builder, "layer\(group).\(block)", x, from: channels, to: outputs, stride: stride, shortcut: shortcut,
          shortcutName: "shortcut")
        channels = outputs
      }
    }
    x = builder.add("pool", .globalAveragePool, x)
    builder.add("linear", .linear(Linear(inputFeatures: channels, outputFeatures: classes)), x)
    let name = "resnet\(depth)" + (shortcut == .projection ? "b" : "")
    return try builder.build(name: name, inputShape: [32, 32, 3])
  }

  /// ResNet-18 (He et al. 2016): basic blocks 2, 2, 2, 2.
  public static func resnet18(classes: Int = 10, stem: Stem = .cifar) throws(NetworkError) -> Network {
    try resnet(depth: 18, blocks: [2, 2, 2, 2], bottleneck: false, classes: classes, stem: stem)
  }

  /// ResNet-34 (He et al. 2016): basic blocks 3, 4, 6, 3.
  public static func resnet34(classes: Int = 10, stem: Stem = .cifar) throws(NetworkError) -> Network {
    try resnet(depth: 34, blocks: [3, 4, 6, 3], bottleneck: false, classes: classes, stem: stem)
  }

  /// ResNet-50 (He et al. 2016): bottleneck blocks 3, 4, 6, 3, with the stride on the 3×3 convolution.
  public static func resnet50(classes: Int = 10, stem: Stem = .cifar) throws(NetworkError) -> Network {
    try resnet(depth: 50, blocks: [3, 4, 6, 3], bottleneck: true, classes: classes, stem: stem)
  }

  /// Names follow torchvision (`downsample.{0,1}`, `fc`) with the ImageNet stem, and the usual CIFAR code
  /// (`shortcut.{0,1}`, `linear`) with the CIFAR stem.
  private static func resnet(
    depth: Int, blocks: [Int], bottleneck: Bool, classes: Int, stem: Stem
  ) throws(NetworkError) -> Network {
    let shortcutName = stem == .cifar ? "shortcut" : "downsample"
    var builder = NetworkBuilder()
    var x = builder.convolution(
      "conv1", builder.input, from: 3, to: 64, kernel: stem == .cifar ? 3 : 7, stride: stem == .cifar ? 1 : 2)
    x = builder.batchNorm("bn1", x, channels: 64)
    x = builder.add("relu1", .relu, x)
    if stem == .imagenet { x = builder.add("maxpool", .maxPool(Pool(kernel: 3, stride: 2, padding: 1)), x) }
    var channels = 64
    for group in 1...4 {
      let width = 64 << (group - 1)
      for block in 0..<blocks[group - 1] {
        let stride = group > 1 && block == 0 ? 2 : 1
        let name = "layer\(group).\(block)"
        if bottleneck {
          x = bottleneckBlock(
            &builder, name, x, from: channels, width: width, stride: stride, shortcutName: shortcutName)
          channels = 4 * width
        } else {
          x = basicBlock(
            &builder, name, x, from: channels, to: width, stride: stride, shortcut: .projection,
            shortcutName: shortcutName)
          channels = width
        }
      }
    }
    x = builder.add("avgpool", .globalAveragePool, x)
    builder.add(
      stem == .cifar ? "linear" : "fc", .linear(Linear(inputFeatures: channels, outputFeatures: classes)), x)
    return try builder.build(
      name: "resnet\(depth)" + (stem == .imagenet ? "-imagenet" : ""), inputShape: stem.inputShape)
  }

  private static func basicBlock(
    _ builder: inout NetworkBuilder, _ name: String, _ input: String, from: Int, to: Int, stride: Int,
    shortcut: Shortcut, shortcutName: String
  ) -> String {
    var x = builder.convolution("\(name).conv1", input, from: from, to: to, kernel: 3, stride: stride)
    x = builder.batchNorm("\(name).bn1", x, channels: to)
    x = builder.add("\(name).relu1", .relu, x)
    x = builder.convolution("\(name).conv2", x, from: to, to: to, kernel: 3)
    x = builder.batchNorm("\(name).bn2", x, channels: to)
    let other = self.shortcut(
      &builder, "\(name).\(shortcutName)", input, from: from, to: to, stride: stride, shortcut: shortcut)
    x = builder.add("\(name).add", .add, x, other)
    return builder.add("\(name).relu2", .relu, x)
  }

  private static func bottleneckBlock(
    _ builder: inout NetworkBuilder, _ name: String, _ input: String, from: Int, width: Int, stride: Int,
    shortcutName: String
  ) -> String {
    var x = builder.convolution("\(name).conv1", input, from: from, to: width, kernel: 1)
    x = builder.batchNorm("\(name).bn1", x, channels: width)
    x = builder.add("\(name).relu1", .relu, x)
    x = builder.convolution("\(name).conv2", x, from: width, to: width, kernel: 3, stride: stride)
    x = builder.batchNorm("\(name).bn2", x, channels: width)
    x = builder.add("\(name).relu2", .relu, x)
    x = builder.convolution("\(name).conv3", x, from: width, to: 4 * width, kernel: 1)
    x = builder.batchNorm("\(name).bn3", x, channels: 4 * width)
    let other = shortcut(
      &builder, "\(name).\(shortcutName)", input, from: from, to: 4 * width, stride: stride, shortcut: .projection)
    x = builder.add("\(name).add", .add, x, other)
    return builder.add("\(name).relu3", .relu, x)
  }

  private static func shortcut(
    _ builder: inout NetworkBuilder, _ name: String, _ input: String, from: Int, to: Int, stride: Int,
    shortcut: Shortcut
  ) -> String {
    guard stride != 1 || from != to else { return input }
    switch shortcut {
    case .pad:
      let before = (to - from) / 2
      return builder.add(
        name, .padShortcut(PadShortcut(stride: stride, before: before, after: to - from - before)), input)
    case .projection:
      let x = builder.convolution("\(name).0", input, from: from, to: to, kernel: 1, stride: stride)
      return builder.batchNorm("\(name).1", x, channels: to)
    }
  }
}
