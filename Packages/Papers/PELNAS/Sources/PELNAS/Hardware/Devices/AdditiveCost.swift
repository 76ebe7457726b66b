/// A cost that adds up over operations: `base + Σ cost(op)`, a look-up table of operations.
///
/// Exact for the FPGA and Eyeriss columns of CIFAR-10 and CIFAR-100; on measured devices such sums explain only about nine tenths of
/// the variance.
public struct AdditiveCost: CostModel, Hashable, Codable {
  public let name: String
  public let unit: String
  public var evidence: Evidence { .model }
  /// Cost of a network whose cells compute nothing.
  public let base: Double
  /// Cost of one operation in all cells.
  public let perOperation: [CellOperation: Double]
  /// Whether dead operations are charged.
  public let countsDeadOperations: Bool

  /// A model of its constants.
  public init(
    name: String, unit: String, base: Double, perOperation: [CellOperation: Double], countsDeadOperations: Bool
  ) {
    self.name = name
    self.unit = unit
    self.base = base
    self.perOperation = perOperation
    self.countsDeadOperations = countsDeadOperations
  }

  /// FPGA of the tables, CIFAR-10 and CIFAR-100.
  public static let fpga = AdditiveCost(
    name: "fpga-law", unit: "ms", base: 1.13296,
    perOperation: [.conv1x1: 0.5152, .conv3x3: 1.2576, .avgPool3x3: 0.4096],
    countsDeadOperations: true)

  /// Eyeriss of the tables.
  public static func eyeriss(_ dataSet: DataSet) -> AdditiveCost {
    let isSmall = dataSet == .imageNet16
    let heavy = isSmall ? 0.36864 : 1.47456
    return AdditiveCost(
      name: "eyeriss-law", unit: "ms", base: isSmall ? 0.42304 : 1.67954,
      perOperation: [.conv1x1: isSmall ? 0.06144 : 0.24576, .conv3x3: heavy, .avgPool3x3: heavy],
      countsDeadOperations: true)
  }

  /// The cost of one cell.
  public func cost(of cell: Cell) -> Double {
    let counted = countsDeadOperations ? cell : cell.canonical
    return perOperation.sorted { $0.key.rawValue < $1.key.rawValue }.reduce(base) {
      $0 + $1.value * Double(counted.count($1.key))
    }
  }

  public func costs(of cells: [Cell]) -> [Double?] { cells.map(cost) }
}
