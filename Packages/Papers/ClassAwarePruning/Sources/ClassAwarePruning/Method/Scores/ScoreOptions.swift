/// How filters are scored by classes (section 2.4).
public struct ScoreOptions: Sendable, Hashable, Codable {
  /// Which activations count as important.
  public enum Threshold: Sendable, Hashable, Codable {
    /// `Θ > τ`. The paper's 1e-50 is 0 in Float: every activation that any gradient reaches counts.
    case absolute(Double)
    /// `Θ > ρ · mean Θ` of the layer over the class's images.
    case relative(Double)
  }

  /// How positions and classes are brought together.
  public enum Aggregation: String, Sendable, Codable, CaseIterable {
    /// Sum over the classes at every position, then the maximum over the positions (the public code).
    case sumThenMax
    /// Per class the maximum over the positions, then the sum over the classes.
    case maxThenSum
  }

  /// Which images of a class are used.
  public enum Selection: Sendable, Hashable, Codable {
    /// The first ones in the order of the set: reproducible without a seed.
    case first
    /// Drawn at random.
    case random(seed: UInt64)
  }

  /// Images per class M.
  public var imagesPerClass: Int
  /// Which images.
  public var selection: Selection
  /// Which activations count.
  public var threshold: Threshold
  /// How positions and classes are brought together.
  public var aggregation: Aggregation
  /// Average over what is there when a class has fewer than M images (but at least one).
  public var allowFewer: Bool

  /// Creates options; the defaults are the paper's code with ten images per class.
  public init(
    imagesPerClass: Int = 10, selection: Selection = .first, threshold: Threshold = .absolute(1e-50),
    aggregation: Aggregation = .sumThenMax, allowFewer: Bool = false
  ) {
    self.imagesPerClass = imagesPerClass
    self.selection = selection
    self.threshold = threshold
    self.aggregation = aggregation
    self.allowFewer = allowFewer
  }

  /// Checks the options before any work.
  /// - Throws: ``PruneError/invalidOption(_:value:expected:)``.
  public func validate() throws(PruneError) {
    guard imagesPerClass >= 1 else {
      throw .invalidOption("imagesPerClass", value: "\(imagesPerClass)", expected: "1 or more")
    }
    switch threshold {
    case .absolute(let value), .relative(let value):
      guard value >= 0, value.isFinite else {
        throw .invalidOption("the score's threshold", value: "\(value)", expected: "0 or more")
      }
    }
  }
}
