/// Anything that gives each cell a cost: a table, a formula, a measured machine, or the hardware model of another package.
public protocol CostModel: Sendable {
  /// Name for reports.
  var name: String { get }
  /// Unit of the cost.
  var unit: String { get }
  /// How the numbers come about.
  var evidence: Evidence { get }
  /// The cost of each cell, nil where the device cannot run it.
  func costs(of cells: [Cell]) throws -> [Double?]
}
