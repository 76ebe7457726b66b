import VisionModels

extension NetworkShape {
  /// Names of the built-in shapes, in the order of the specification's table 4.2.
  public static let builtInNames = [
    "resnet20-cifar10", "resnet18-cifar100", "densenet121-cifar100", "resnet18-224", "resnet34-224", "resnet50-224",
    "densenet121-224",
  ]

  /// A network of the specification's table 4.2.
  /// - Throws: ``BasisNError/unknownName(kind:name:known:)``.
  public static func builtIn(_ name: String) throws(BasisNError) -> NetworkShape {
    guard let network = try asBasisNError({ () throws(NetworkError) in try network(name) }) else {
      throw .unknownName(kind: "network shape", name: name, known: builtInNames)
    }
    return try NetworkShape(network, name: name)
  }

  /// All of them.
  public static func allBuiltIn() throws(BasisNError) -> [NetworkShape] {
    var shapes: [NetworkShape] = []
    for name in builtInNames { shapes.append(try builtIn(name)) }
    return shapes
  }

  private static func network(_ name: String) throws(NetworkError) -> Network? {
    switch name {
    case "resnet20-cifar10": return try Models.resnetCIFAR(depth: 20)
    case "resnet18-cifar100": return try Models.resnet18(classes: 100, stem: .cifar)
    case "densenet121-cifar100": return try smallDenseNet121(classes: 100)
    case "resnet18-224": return try Models.resnet18(classes: 1000, stem: .imagenet)
    case "resnet34-224": return try Models.resnet34(classes: 1000, stem: .imagenet)
    case "resnet50-224": return try Models.resnet50(classes: 1000, stem: .imagenet)
    case "densenet121-224": return try Models.densenet121(classes: 1000)
    default: return nil
    }
  }

  /// DenseNet-121 for 32×32 images: a 3×3 stem with stride 1 and no max-pooling.
  private static func smallDenseNet121(classes: Int) throws(NetworkError) -> Network {
    var network = try Models.densenet121(classes: classes)
    try network.replace(
      "features.conv0", with: .conv2d(Conv2d(inputChannels: 3, outputChannels: 64, kernel: 3, stride: 1, padding: 1)))
    try network.remove("features.pool0")
    return try network.resized(to: [32, 32, 3])
  }
}
