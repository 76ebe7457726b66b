/// Builders of the networks of the literature, with PyTorch's parameter names and exact parameter and MAC counts.
///
/// Every builder returns a network with all tensors at their defaults (zero weights); load a checkpoint with
/// ``Network/loadParameters(from:strict:)`` or call ``Network/initialize(seed:_:)``.
public enum Models {
  /// How a ResNet's shortcut changes width and resolution.
  public enum Shortcut: String, Sendable, Codable, CaseIterable {
    /// Option A: every second pixel and zero channels; no parameters.
    case pad
    /// Option B: strided 1×1 convolution and batch norm.
    case projection
  }

  /// First layers of an ImageNet-style network.
  public enum Stem: String, Sendable, Codable, CaseIterable {
    /// 3×3 convolution, stride 1, for 32×32 images.
    case cifar
    /// 7×7 convolution, stride 2, and 3×3 max pooling, for 224×224 images.
    case imagenet

    /// The usual image shape, `[height, width, channels]`.
    public var inputShape: [Int] { self == .cifar ? [32, 32, 3] : [224, 224, 3] }
  }

  /// Names understood by ``named(_:classes:)``.
  public static let names: [String] = [
    "resnet20", "resnet32", "resnet44", "resnet56", "resnet110", "resnet20b", "resnet32b", "resnet44b", "resnet56b",
    "resnet18", "resnet34", "resnet50", "resnet18-imagenet", "resnet34-imagenet", "resnet50-imagenet",
    "vgg16", "vgg16-nobias", "vgg16-hidden", "vgg16x0.25", "vgg19", "vgg16-imagenet",
    "densenet40", "densenet-bc-40", "densenet-bc-100", "densenet121",
    "airbench93", "airbench94", "digits", "nasbench201:<cell>",
  ]

  /// Builds a network by name.
  /// - Parameters:
  ///   - name: one of ``names``; `resnet20b` means projection shortcuts, `vgg16x0.25` a quarter of the width,
  ///     `nasbench201:|nor_conv_3x3~0|+|…|` a cell network.
  ///   - classes: number of classes.
  /// - Throws: ``NetworkError/unknownModel(_:known:)`` or ``NetworkError/invalidModel(_:)``.
  public static func named(_ name: String, classes: Int = 10) throws(NetworkError) -> Network {
    guard classes > 0 else { throw .invalidModel("\(classes) classes; need at least 1") }
    if name.hasPrefix("nasbench201:") {
      return try nasBench201(String(name.dropFirst("nasbench201:".count)), classes: classes)
    }
    switch name {
    case "resnet20", "resnet32", "resnet44", "resnet56", "resnet110", "resnet20b", "resnet32b", "resnet44b",
      "resnet56b":
      let projection = name.hasSuffix("b")
      let depth = Int(name.dropFirst("resnet".count).prefix { $0.isNumber }) ?? 0
      return try resnetCIFAR(depth: depth, classes: classes, shortcut: projection ? .projection : .pad)
    case "resnet18": return try resnet18(classes: classes)
    case "resnet34": return try resnet34(classes: classes)
    case "resnet50": return try resnet50(classes: classes)
    case "resnet18-imagenet": return try resnet18(classes: classes, stem: .imagenet)
    case "resnet34-imagenet": return try resnet34(classes: classes, stem: .imagenet)
    case "resnet50-imagenet": return try resnet50(classes: classes, stem: .imagenet)
    case "vgg16": return try vggBN(.vgg16, classes: classes)
    case "vgg16-nobias": return try vggBN(.vgg16, classes: classes, bias: false)
    case "vgg16-hidden": return try vggBN(.vgg16, classes: classes, head: .hidden)
    case "vgg16x0.25": return try vggBN(.vgg16, classes: classes, bias: false, width: 0.25)
    case "vgg19": return try vggBN(.vgg19, classes: classes)
    case "vgg16-imagenet": return try vggBN(.vgg16, classes: classes, head: .imagenet)
    case "densenet40": return try densenet(depth: 40, classes: classes)
    case "densenet-bc-40": return try densenet(depth: 40, bottleneck: true, compression: 0.5, classes: classes)
    case "densenet-bc-100": return try densenet(depth: 100, bottleneck: true, compression: 0.5, classes: classes)
    case "densenet121": return try densenet121(classes: classes)
    case "airbench93": return try airbench(.airbench93, classes: classes)
    case "airbench94": return try airbench(.airbench94, classes: classes)
    case "digits": return try digits(classes: classes)
    default: throw .unknownModel(name, known: names)
    }
  }
}
