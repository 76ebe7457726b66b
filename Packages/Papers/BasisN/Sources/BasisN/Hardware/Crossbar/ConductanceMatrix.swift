import Foundation
import TinyTensor

/// The conductances of one physical crossbar, `rows × columns`, in microsiemens.
public struct ConductanceMatrix: Sendable, Equatable {
  /// Word lines.
  public let rows: Int
  /// Bit lines.
  public let columns: Int
  /// Conductances, row by row.
  public var values: [Double]

  /// Creates a matrix.
  /// - Precondition: `rows · columns` values.
  public init(rows: Int, columns: Int, _ values: [Double]) {
    precondition(values.count == rows * columns, "\(values.count) conductances for \(rows) × \(columns) cells")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// Programs signed levels as differential pairs: column `2p` holds the positive part of pair `p`, `2p + 1` the negative one.
  /// Error, stuck cells and drift follow the configuration; each cell has random numbers of its own, whatever the order.
  /// - Parameters:
  ///   - levels: signed levels `[rows][pairs]`, row by row.
  ///   - crossbar: number of the crossbar on the chip.
  /// - Throws: ``BasisNError/mismatch(_:)`` for too many levels, ``BasisNError/beyondFit(model:value:valid:unit:)``.
  public init(
    programming levels: [Int], pairs: Int, crossbar: Int, configuration: CrossbarConfiguration
  ) throws(BasisNError) {
    try configuration.validate()
    let (rows, columns) = (configuration.rows, configuration.columns)
    guard pairs <= configuration.signedColumns, pairs > 0, levels.count % pairs == 0, levels.count / pairs <= rows
    else {
      throw .mismatch("\(levels.count) levels in \(pairs) pairs for a crossbar of \(rows) × \(columns) cells")
    }
    let cell = configuration.cell
    if let level = levels.first(where: { abs($0) > cell.levels }) {
      throw .mismatch("level \(level) for cells of \(cell.bits) bits")
    }
    var values = [Double](repeating: cell.minimum, count: rows * columns)
    let decay = pow(configuration.driftTime, -configuration.driftExponent)
    for index in values.indices {
      let (row, column) = (index / columns, index % columns)
      let place = row * pairs + column / 2
      let level = column / 2 < pairs && place < levels.count ? levels[place] : 0
      let part = column % 2 == 0 ? max(0, level) : max(0, -level)
      var random = Philox(seed: configuration.seed, stream: "crossbar.\(crossbar)")
      random.seek(to: UInt64(index) * 4)
      let fault = Double(random.uniform())
      let target = cell.conductance(part)
      if fault < configuration.stuckLow {
        values[index] = cell.minimum
      } else if fault < configuration.stuckLow + configuration.stuckHigh {
        values[index] = cell.maximum
      } else {
        values[index] = try configuration.programming.apply(
          target, maximum: cell.maximum, normal: Double(random.normal()))
        values[index] *= decay
      }
    }
    self.init(rows: rows, columns: columns, values)
  }
}
