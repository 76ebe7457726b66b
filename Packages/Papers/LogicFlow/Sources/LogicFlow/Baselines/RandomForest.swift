import TinyTensor

/// Trees on bootstrap samples that vote: what a decision tree needs where one alone does not reach the network's accuracy.
public struct RandomForest: Sendable, Hashable {
  /// The voters.
  public let trees: [DecisionTree]
  /// Classes.
  public let classes: Int

  /// Grows `count` trees, each on as many rows as there are, drawn with replacement, with √features tried per split.
  public init(_ samples: IntegerSamples, classes: Int, count: Int, depth: Int, seed: UInt64 = 0) {
    var random = Philox(seed: seed, stream: "logicflow.forest.\(depth)")
    let features = max(1, Int(Double(samples.width).squareRoot().rounded()))
    var trees: [DecisionTree] = []
    for _ in 0..<count {
      let rows = (0..<samples.count).map { _ in random.next(below: samples.count) }
      trees.append(
        DecisionTree(samples, rows: rows, classes: classes, depth: depth, features: features, random: &random))
    }
    self.trees = trees
    self.classes = classes
  }

  /// The forest with the fewest tests whose accuracy on held-out rows reaches `accuracy`, or the most accurate one of 31 trees.
  public init(
    _ training: IntegerSamples, held: IntegerSamples, classes: Int, accuracy: Double, seed: UInt64 = 0
  ) {
    var best: (forest: RandomForest, accuracy: Double)?
    // By the tests on one way through, fewest first.
    let shapes = [3, 7, 15, 31].flatMap { count in [4, 6, 9].map { (count: count, depth: $0) } }
    for shape in shapes.sorted(by: { $0.count * $0.depth < $1.count * $1.depth }) {
      let forest = RandomForest(training, classes: classes, count: shape.count, depth: shape.depth, seed: seed)
      let reached = forest.accuracy(held)
      if reached > (best?.accuracy ?? -1) { best = (forest, reached) }
      if reached >= accuracy { break }
    }
    trees = best?.forest.trees ?? []
    self.classes = classes
  }

  /// The class with the most votes; the lowest index wins ties.
  public func classify(_ x: [UInt8]) -> Int {
    var votes = [Int](repeating: 0, count: classes)
    for tree in trees { votes[tree.classify(x)] += 1 }
    return votes.indices.reduce(0) { votes[$1] > votes[$0] ? $1 : $0 }
  }

  /// Share of rows with the right class.
  public func accuracy(_ samples: IntegerSamples) -> Double {
    let right = (0..<samples.count).count { classify(samples[$0]) == samples.labels[$0] }
    return Double(right) / Double(max(samples.count, 1))
  }

  /// One function of nested ifs per tree, and the vote, in C99.
  public func emitC(name: String = "classify") -> String {
    var text = "#include <stdint.h>\n\nint \(name)(const uint8_t *x);\n\n"
    for (index, tree) in trees.enumerated() { text += tree.emitFunction("static int tree\(index)") + "\n" }
    text += "int \(name)(const uint8_t *x) {\n"
    if classes == 2 {
      let votes = trees.indices.map { "tree\($0)(x)" }.joined(separator: " + ")
      return text + "  return \(votes) > \(trees.count / 2);\n}\n"
    }
    text += "  int votes[\(classes)];\n"
    for k in 0..<classes { text += "  votes[\(k)] = 0;\n" }
    for index in trees.indices { text += "  votes[tree\(index)(x)]++;\n" }
    text += "  int best = 0;\n  for (int k = 1; k < \(classes); k++) {\n"
    return text + "    if (votes[k] > votes[best]) best = k;\n  }\n  return best;\n}\n"
  }
}
