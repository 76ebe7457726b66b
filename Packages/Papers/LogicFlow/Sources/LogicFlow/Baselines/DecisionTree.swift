/// A classification tree grown on the data, not made from the network: the honest competitor of the idea.
///
/// Splits minimise the Gini impurity over all thresholds of all integer features.
public struct DecisionTree: Sendable, Hashable {
  /// A node.
  public indirect enum Node: Sendable, Hashable {
    /// The class of a leaf.
    case leaf(Int)
    /// `x[feature] ≤ threshold` goes below.
    case split(feature: Int, threshold: UInt8, below: Node, above: Node)
  }

  /// The root.
  public let root: Node

  /// Grows a tree of at most `depth` tests per path.
  public init(_ samples: IntegerSamples, classes: Int, depth: Int, minimumLeaf: Int = 5) {
    root = Self.grow(samples, Array(0..<samples.count), classes, depth, minimumLeaf)
  }

  /// The shallowest tree whose accuracy on held-out rows reaches `accuracy`, or the most accurate one up to depth 12.
  public init(_ training: IntegerSamples, held: IntegerSamples, classes: Int, accuracy: Double) {
    var best: (tree: DecisionTree, accuracy: Double)?
    for depth in 1...12 {
      let tree = DecisionTree(training, classes: classes, depth: depth)
      let reached = tree.accuracy(held)
      if reached > (best?.accuracy ?? -1) { best = (tree, reached) }
      if reached >= accuracy { break }
    }
    root = best?.tree.root ?? .leaf(0)
  }

  /// Class of one row.
  public func classify(_ x: [UInt8]) -> Int {
    var node = root
    while case .split(let feature, let threshold, let below, let above) = node {
      node = x[feature] <= threshold ? below : above
    }
    if case .leaf(let outcome) = node { return outcome }
    return 0
  }

  /// Share of rows with the right class.
  public func accuracy(_ samples: IntegerSamples) -> Double {
    let right = (0..<samples.count).count { classify(samples[$0]) == samples.labels[$0] }
    return Double(right) / Double(max(samples.count, 1))
  }

  /// Nested ifs in C99.
  public func emitC(name: String = "classify") -> String {
    func text(_ node: Node, _ indent: String) -> String {
      switch node {
      case .leaf(let outcome): return "\(indent)return \(outcome);\n"
      case .split(let feature, let threshold, let below, let above):
        let inner = indent + "  "
        return "\(indent)if (x[\(feature)] <= \(threshold)) {\n\(text(below, inner))\(indent)} else {\n"
          + "\(text(above, inner))\(indent)}\n"
      }
    }
    return "#include <stdint.h>\n\nint \(name)(const uint8_t *x);\n\nint \(name)(const uint8_t *x) {\n  (void)x;\n"
      + text(root, "  ") + "}\n"
  }

  private static func grow(
    _ samples: IntegerSamples, _ rows: [Int], _ classes: Int, _ depth: Int, _ minimumLeaf: Int
  ) -> Node {
    var counts = [Int](repeating: 0, count: classes)
    for row in rows { counts[samples.labels[row]] += 1 }
    let majority = counts.indices.max { counts[$0] < counts[$1] } ?? 0
    guard depth > 0, counts[majority] < rows.count,
      let split = bestSplit(samples, rows, counts, minimumLeaf)
    else { return .leaf(majority) }
    let below = rows.filter { samples.features[$0 * samples.width + split.feature] <= split.threshold }
    let above = rows.filter { samples.features[$0 * samples.width + split.feature] > split.threshold }
    let (left, right) = (
      grow(samples, below, classes, depth - 1, minimumLeaf), grow(samples, above, classes, depth - 1, minimumLeaf)
    )
    // Two equal leaves need no test.
    if left == right, case .leaf = left { return left }
    return .split(feature: split.feature, threshold: split.threshold, below: left, above: right)
  }

  /// Weighted purity `Σ n_c² / n` of both sides, maximised; histograms of 256 bins make every threshold cheap.
  private static func bestSplit(
    _ samples: IntegerSamples, _ rows: [Int], _ counts: [Int], _ minimumLeaf: Int
  ) -> (feature: Int, threshold: UInt8)? {
    let classes = counts.count
    var best: (feature: Int, threshold: UInt8)?
    var purity = Double(counts.reduce(0) { $0 + $1 * $1 }) / Double(rows.count) + 1e-9
    for feature in 0..<samples.width {
      var histogram = [Int](repeating: 0, count: 256 * classes)
      for row in rows {
        histogram[Int(samples.features[row * samples.width + feature]) * classes + samples.labels[row]] += 1
      }
      var below = [Int](repeating: 0, count: classes)
      var size = 0
      for threshold in 0..<255 {
        for k in 0..<classes {
          below[k] += histogram[threshold * classes + k]
          size += histogram[threshold * classes + k]
        }
        guard size >= minimumLeaf, rows.count - size >= minimumLeaf else { continue }
        let left = below.reduce(0) { $0 + $1 * $1 }
        let right = (0..<classes).reduce(0) { $0 + (counts[$1] - below[$1]) * (counts[$1] - below[$1]) }
        let candidate = Double(left) / Double(size) + Double(right) / Double(rows.count - size)
        if candidate > purity { (purity, best) = (candidate, (feature, UInt8(threshold))) }
      }
    }
    return best
  }
}
