import TinyTensor

/// The resistive grid of a crossbar with real wires, solved exactly.
///
/// Every word line is driven from the left through one wire segment, every bit line is grounded at the bottom through one
/// segment; between neighbouring cells lies one segment of either line. The word lines are eliminated row by row, which leaves
/// a block-tridiagonal system in the bit-line voltages whose blocks are factorised once. After that a vector costs two
/// products per row, and because the grid is linear, ``effectiveConductances()`` turns it into a plain matrix.
public struct WireGrid: Sendable {
  /// The cells.
  public let cells: ConductanceMatrix
  /// Resistance of one segment, ohms.
  public let segmentResistance: Double
  /// Conductance of one segment, µS.
  private let segment: Double
  /// Inverse of each row's block, top to bottom.
  private let inverses: [[Double]]
  /// Current that one volt on a word line pushes into its row's bit lines when these are grounded.
  private let drives: [[Double]]

  /// Voltages and currents for one input vector.
  public struct Solution: Sendable {
    /// Bit-line currents, µA for volts and µS.
    public let currents: [Double]
    /// Voltages along the word lines, row by row.
    public let wordVoltages: [Double]
    /// Voltages along the bit lines, row by row.
    public let bitVoltages: [Double]
    /// Largest violation of Kirchhoff's current law at any node, relative to the largest cell current.
    public let residual: Double
  }

  /// Factorises the grid.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)`` for a resistance that is not positive,
  ///   ``BasisNError/notSolved(_:)``.
  public init(_ cells: ConductanceMatrix, segmentResistance: Double) throws(BasisNError) {
    try require(
      segmentResistance > 0 && segmentResistance.isFinite, "wireResistance", segmentResistance,
      "a positive number of ohms")
    try require(
      cells.values.allSatisfy { $0 >= 0 && $0.isFinite }, "a conductance", "negative or infinite", "0 or more µS")
    let (rows, columns) = (cells.rows, cells.columns)
    let segment = 1e6 / segmentResistance
    var inverses: [[Double]] = []
    var drives: [[Double]] = []
    for row in 0..<rows {
      let conductances = Array(cells.values[row * columns..<(row + 1) * columns])
      let (eliminated, drive) = Self.eliminateWordLine(conductances, segment: segment)
      var block = eliminated
      for column in 0..<columns { block[column * columns + column] += row == 0 ? segment : 2 * segment }
      if let above = inverses.last {
        for index in block.indices { block[index] -= segment * segment * above[index] }
      }
      inverses.append(try Self.inverse(block, size: columns, row: row))
      drives.append(drive)
    }
    self.cells = cells
    self.segmentResistance = segmentResistance
    self.segment = segment
    self.inverses = inverses
    self.drives = drives
  }

  /// The matrix that turns word-line voltages into bit-line currents, `rows × columns`, µS.
  ///
  /// Valid as long as the cells are linear and all rows stay connected to their drivers.
  public func effectiveConductances() -> ConductanceMatrix {
    let (rows, columns) = (cells.rows, cells.columns)
    var result = [Double](repeating: 0, count: rows * columns)
    var transfer = inverses[rows - 1].map { $0 * segment }
    for row in stride(from: rows - 1, through: 0, by: -1) {
      let currents = GridKernel.product(transfer, vector: drives[row], size: columns)
      result.replaceSubrange(row * columns..<(row + 1) * columns, with: currents)
      if row > 0 { transfer = GridKernel.product(transfer, inverses[row - 1], size: columns, scale: segment) }
    }
    return ConductanceMatrix(rows: rows, columns: columns, result)
  }

  /// Solves the grid for word-line voltages.
  /// - Precondition: one voltage per row.
  /// - Throws: ``BasisNError/notSolved(_:)`` if Kirchhoff's law is violated by more than 10⁻⁶.
  public func solve(_ voltages: [Double]) throws(BasisNError) -> Solution {
    let (rows, columns) = (cells.rows, cells.columns)
    precondition(voltages.count == rows, "\(voltages.count) voltages for \(rows) word lines")
    var sources: [[Double]] = []
    for row in 0..<rows {
      var source = drives[row].map { $0 * voltages[row] }
      if row > 0 {
        let fromAbove = GridKernel.product(inverses[row - 1], vector: sources[row - 1], size: columns)
        for column in 0..<columns { source[column] += segment * fromAbove[column] }
      }
      sources.append(source)
    }
    var bits = [Double](repeating: 0, count: rows * columns)
    var below = [Double](repeating: 0, count: columns)
    for row in stride(from: rows - 1, through: 0, by: -1) {
      var source = sources[row]
      if row < rows - 1 { for column in 0..<columns { source[column] += segment * below[column] } }
      below = GridKernel.product(inverses[row], vector: source, size: columns)
      bits.replaceSubrange(row * columns..<(row + 1) * columns, with: below)
    }
    let words = wordVoltages(bits, voltages)
    let residual = residual(words, bits, voltages)
    guard residual <= 1e-6 else {
      throw .notSolved(
        "Kirchhoff's current law is violated by \(residual) of the largest current; check the conductances")
    }
    let currents = (0..<columns).map { segment * bits[(rows - 1) * columns + $0] }
    return Solution(currents: currents, wordVoltages: words, bitVoltages: bits, residual: residual)
  }

  /// The bit-line block of a row after its word line is eliminated, and its drive.
  private static func eliminateWordLine(
    _ conductances: [Double], segment: Double
  ) -> (block: [Double], drive: [Double]) {
    let size = conductances.count
    // Right-hand sides: the driver, then a unit voltage on every bit line.
    var right = [Double](repeating: 0, count: size * (size + 1))
    right[0] = segment
    for column in 0..<size { right[column * (size + 1) + column + 1] = conductances[column] }
    GridKernel.solveChain(
      diagonal: chainDiagonal(conductances, segment: segment), coupling: segment, right: &right, count: size + 1)
    var block = [Double](repeating: 0, count: size * size)
    var drive = [Double](repeating: 0, count: size)
    for row in 0..<size {
      drive[row] = conductances[row] * right[row * (size + 1)]
      for column in 0..<size {
        block[row * size + column] = -conductances[row] * right[row * (size + 1) + column + 1]
      }
      block[row * size + row] += conductances[row]
    }
    return (block, drive)
  }

  private static func chainDiagonal(_ conductances: [Double], segment: Double) -> [Double] {
    conductances.indices.map { conductances[$0] + ($0 == conductances.count - 1 ? segment : 2 * segment) }
  }

  private static func inverse(_ block: [Double], size: Int, row: Int) throws(BasisNError) -> [Double] {
    var identity = DoubleMatrix(zeros: size, size)
    for index in 0..<size { identity[index, index] = 1 }
    do {
      return try LinearAlgebra.solve(DoubleMatrix(rows: size, columns: size, block), identity).values
    } catch {
      throw .notSolved("row \(row): \(error)")
    }
  }

  private func wordVoltages(_ bits: [Double], _ voltages: [Double]) -> [Double] {
    let (rows, columns) = (cells.rows, cells.columns)
    var words: [Double] = []
    for row in 0..<rows {
      let range = row * columns..<(row + 1) * columns
      let conductances = Array(cells.values[range])
      var right = zip(conductances, bits[range]).map { $0 * $1 }
      right[0] += segment * voltages[row]
      GridKernel.solveChain(
        diagonal: Self.chainDiagonal(conductances, segment: segment), coupling: segment, right: &right, count: 1)
      words += right
    }
    return words
  }

  private func residual(_ words: [Double], _ bits: [Double], _ voltages: [Double]) -> Double {
    let (rows, columns) = (cells.rows, cells.columns)
    var worst = 0.0
    var largest = 0.0
    for row in 0..<rows {
      for column in 0..<columns {
        let index = row * columns + column
        let cell = cells.values[index] * (words[index] - bits[index])
        let left = column == 0 ? voltages[row] : words[index - 1]
        var word = segment * (left - words[index]) - cell
        if column + 1 < columns { word += segment * (words[index + 1] - words[index]) }
        let lower = row + 1 < rows ? bits[index + columns] : 0
        var bit = segment * (lower - bits[index]) + cell
        if row > 0 { bit += segment * (bits[index - columns] - bits[index]) }
        worst = max(worst, abs(word), abs(bit))
        largest = max(largest, abs(cell))
      }
    }
    return largest > 0 ? worst / largest : worst
  }
}
