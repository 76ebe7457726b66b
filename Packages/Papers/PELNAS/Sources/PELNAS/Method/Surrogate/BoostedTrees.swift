import TinyTensor

/// Gradient-boosted regression trees for squared loss (specification, appendix C).
///
/// `f = f₀ + η Σ tree`; a split gains `½[G_L²/(H_L+λ) + G_R²/(H_R+λ) − G²/(H+λ)]` and a leaf weighs `−G/(H+λ)`, with gradient `f − y` and
/// hessian 1. Splits are exact at every size: each column is sorted once per fit, and the thresholds are the midpoints of
/// neighbouring values.
///
/// ```swift
/// let trees = try BoostedTrees.fit(features, labels, .init())
/// let estimates = trees.predict(features)
/// ```
public struct BoostedTrees: Sendable, Codable, Hashable {
  /// Settings of a fit.
  public struct Parameters: Sendable, Codable, Hashable {
    /// Number of trees.
    public var trees = 200
    /// Shrinkage η.
    public var rate: Float = 0.08
    /// L2 penalty λ of leaf weights.
    public var penalty: Float = 1
    /// Share of rows and of columns that a tree sees, drawn without replacement.
    public var sampling = 0.8
    /// Least number of rows in a leaf.
    public var minimumRows = 1
    /// Seed of the sampling.
    public var seed: UInt64 = 0

    /// The paper-sized defaults.
    public init() {}
  }

  /// Levels of splits; every tree is stored as a complete one.
  static let depth = 5
  static let splitCount = 31
  static let leafCount = 32
  /// Below so few labels, or when all labels are equal, the prediction is their mean.
  public static let minimumLabels = 10

  /// f₀, the mean label.
  public let base: Float
  /// Columns that the features must have.
  public let featureCount: Int
  /// Column of each split, 31 per tree, breadth first.
  let splitColumns: [Int32]
  /// `x < threshold` goes left; the greatest number marks a node that does not split.
  let thresholds: [Float]
  /// 32 leaf values per tree, times η.
  let leaves: [Float]

  /// Whether the labels were too few or all equal, so that every prediction is their mean.
  public var isConstant: Bool { leaves.isEmpty }

  init(base: Float, featureCount: Int, splitColumns: [Int32], thresholds: [Float], leaves: [Float]) {
    self.base = base
    self.featureCount = featureCount
    self.splitColumns = splitColumns
    self.thresholds = thresholds
    self.leaves = leaves
  }

  /// Fits trees to labels.
  ///
  /// - Throws: ``PELNASError/invalidSetting(_:value:expected:)`` for labels that are not finite or not one per row.
  public static func fit(
    _ features: FeatureMatrix, _ labels: [Float], _ parameters: Parameters
  ) throws(PELNASError) -> BoostedTrees {
    try require(labels.count == features.rows, "number of labels", labels.count, "\(features.rows), one per row")
    try require(labels.allSatisfy(\.isFinite), "a label", "NaN or infinite", "a finite number")
    try require(parameters.trees > 0, "trees", parameters.trees, "at least 1")
    try require((0.01...1).contains(parameters.sampling), "sampling", parameters.sampling, "0.01…1")
    let mean = Float(labels.reduce(0.0) { $0 + Double($1) } / Double(max(1, labels.count)))
    guard labels.count >= minimumLabels, let first = labels.first, labels.contains(where: { $0 != first }) else {
      return BoostedTrees(base: mean, featureCount: features.columns, splitColumns: [], thresholds: [], leaves: [])
    }
    var grower = TreeGrowthKernel(features, minimumRows: parameters.minimumRows, penalty: parameters.penalty)
    var generator = Philox(seed: parameters.seed, stream: "boosted-trees")
    var predictions = [Float](repeating: mean, count: labels.count)
    let rowShare = max(1, Int((parameters.sampling * Double(features.rows)).rounded()))
    let columnShare = max(1, Int((parameters.sampling * Double(features.columns)).rounded()))
    for _ in 0..<parameters.trees {
      let gradients = zip(predictions, labels).map { $0 - $1 }
      grower.grow(
        gradients: gradients, rows: generator.sample(rowShare, of: features.rows),
        columns: generator.sample(columnShare, of: features.columns).sorted(), rate: parameters.rate)
      grower.addLastTree(to: &predictions)
    }
    return BoostedTrees(
      base: mean, featureCount: features.columns, splitColumns: grower.splitColumns, thresholds: grower.thresholds,
      leaves: grower.leaves)
  }

  /// Predicts one value per row.
  public func predict(_ features: FeatureMatrix) -> [Float] {
    precondition(
      features.columns == featureCount, "the trees know \(featureCount) features, the rows have \(features.columns)")
    guard !isConstant else { return [Float](repeating: base, count: features.rows) }
    return TreePredictionKernel.predict(
      features, base: base, splitColumns: splitColumns, thresholds: thresholds, leaves: leaves)
  }
}

extension Philox {
  /// Distinct numbers below a bound, in random order.
  mutating func sample(_ count: Int, of bound: Int) -> [Int] {
    var numbers = Array(0..<bound)
    for index in 0..<min(count, bound) { numbers.swapAt(index, index + next(below: bound - index)) }
    return Array(numbers.prefix(count))
  }
}
