/// One convolution or linear layer, as the mapping compiler and the cost model see it.
public struct LayerShape: Sendable, Hashable, Codable {
  /// Name of the layer.
  public let name: String
  /// Output channels over all groups (O).
  public let outputs: Int
  /// Weights of one kernel (L = input channels per group × kernel height × kernel width).
  public let reduction: Int
  /// Groups with inputs of their own.
  public let groups: Int
  /// Output positions of one image (W); 1 for a linear layer.
  public let windows: Int

  /// Creates a shape.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)`` for sizes below 1 or above 2²⁰ or groups that do not divide the outputs.
  public init(name: String, outputs: Int, reduction: Int, groups: Int = 1, windows: Int) throws(BasisNError) {
    let smallest = min(outputs, reduction, groups, windows)
    try require(smallest > 0, "layer \(name): a size", smallest, "1 or more")
    // Keeps every product of sizes within an integer, whatever a damaged file says.
    let largest = max(outputs, reduction, windows)
    try require(largest <= 1 << 20, "layer \(name): a size", largest, "at most \(1 << 20)")
    try require(outputs % groups == 0, "layer \(name): outputs", outputs, "a multiple of its \(groups) groups")
    self.name = name
    self.outputs = outputs
    self.reduction = reduction
    self.groups = groups
    self.windows = windows
  }

  /// Kernels of one group.
  public var kernelsPerGroup: Int { outputs / groups }
  /// Weights, without biases.
  public var weights: Int { outputs * reduction }
  /// Multiply-accumulates of one image.
  public var macs: Int { weights * windows }

  /// Crossbar tiles that hold all weights at once: `⌈L / rows⌉ · ⌈O / columns⌉` per group.
  public func tiles(rows: Int, signedColumns: Int) -> Int {
    groups * Self.ceilDivide(reduction, rows) * Self.ceilDivide(kernelsPerGroup, signedColumns)
  }

  /// Analog evaluations of one image if a slice took one cycle: `W · S` per group.
  public func windowSlices(rows: Int) -> Int { windows * groups * Self.ceilDivide(reduction, rows) }

  /// Kernel slices to encode: `O · S`.
  public func kernelSlices(rows: Int) -> Int { outputs * Self.ceilDivide(reduction, rows) }

  static func ceilDivide(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }
}
