/// The integer inputs a network is defined, and proved, for.
public struct InputDomain: Codable, Hashable, Sendable {
  /// Number of features.
  public var count: Int
  /// Smallest value of every feature that has no range of its own.
  public var lower: Int
  /// Largest value of every feature that has no range of its own.
  public var upper: Int
  /// Names of the features, or none.
  public var names: [String]?
  /// Groups of features of which exactly one is `upper` and the others are `lower`.
  public var oneHot: [[Int]]?
  /// Narrower ranges, `[lower, upper]` per feature, or none.
  public var ranges: [[Int]]?

  /// `count` features in `lower ... upper`.
  public init(
    count: Int, lower: Int = 0, upper: Int = 255, names: [String]? = nil, oneHot: [[Int]]? = nil, ranges: [[Int]]? = nil
  ) {
    self.count = count
    self.lower = lower
    self.upper = upper
    self.names = names
    self.oneHot = oneHot
    self.ranges = ranges
  }

  /// The values feature `index` may take.
  public func range(_ index: Int) -> ClosedRange<Int> {
    guard let ranges else { return lower...upper }
    return ranges[index][0]...ranges[index][1]
  }

  /// A name of feature `index` for people.
  public func name(_ index: Int) -> String { names?[index] ?? "x\(index)" }

  /// Whether the network is defined, and every proof valid, for `x`.
  public func contains(_ x: [UInt8]) -> Bool {
    guard x.count == count, zip(x.indices, x).allSatisfy({ range($0).contains(Int($1)) }) else { return false }
    return (oneHot ?? []).allSatisfy { group in
      group.allSatisfy { Int(x[$0]) == upper || Int(x[$0]) == lower } && group.count { Int(x[$0]) == upper } == 1
    }
  }

  func validate() throws(InvalidNetwork) {
    func require(_ condition: Bool, _ path: String, _ reason: String) throws(InvalidNetwork) {
      guard condition else { throw InvalidNetwork(path: "input." + path, reason: reason) }
    }
    try require((1...4096).contains(count), "count", "\(count) features, expected 1 to 4096")
    try require(lower >= 0 && lower < upper && upper <= 255, "lower", "\(lower)...\(upper) does not fit into 0...255")
    if let names { try require(names.count == count, "names", "\(names.count) names for \(count) features") }
    if let ranges {
      try require(ranges.count == count, "ranges", "\(ranges.count) ranges for \(count) features")
      for (index, range) in ranges.enumerated() {
        try require(
          range.count == 2 && range[0] <= range[1] && range[0] >= lower && range[1] <= upper, "ranges[\(index)]",
          "\(range) is no range inside \(lower)...\(upper)")
      }
    }
    for (index, group) in (oneHot ?? []).enumerated() {
      try require(
        group.count >= 2 && Set(group).count == group.count && group.allSatisfy((0..<count).contains),
        "oneHot[\(index)]", "expected two or more different features below \(count)")
    }
  }
}

/// Why a network cannot be used: where in its file, and what is wrong there.
public struct InvalidNetwork: Error, Hashable, Sendable, CustomStringConvertible {
  /// The field, such as `layers[1].bias[3]`.
  public let path: String
  /// What is wrong, and what was expected.
  public let reason: String

  /// Creates the error.
  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "network: \(path): \(reason)" }
}
