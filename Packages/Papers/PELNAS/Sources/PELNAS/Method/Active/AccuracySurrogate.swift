/// Learns from a few trained accuracies what the others may be.
public protocol AccuracySurrogate: Sendable {
  /// Name for tables.
  var name: String { get }
  /// What some cells promise: a mean and a deviation on any scale that rises with the accuracy.
  ///
  /// - Parameters:
  ///   - labelled: cells with their trained accuracies, in the order in which they were labelled.
  ///   - seed: of this fit.
  func estimate(
    _ cells: [Cell], from labelled: [ScoredCell], seed: UInt64
  ) throws(PELNASError) -> (mean: [Double], deviation: [Double])
}
