import BasisN
import Testing
import TinyTensor

/// The resistive grid against nodal analysis written down node by node, and against physics.
@Suite struct GridTests {
  static func cells(_ rows: Int, _ columns: Int, seed: UInt64 = 1) -> ConductanceMatrix {
    var generator = Philox(seed: seed, stream: "cells")
    return ConductanceMatrix(
      rows: rows, columns: columns, (0..<rows * columns).map { _ in 1 + 99 * Double(generator.uniform()) })
  }

  static func voltages(_ rows: Int) -> [Double] {
    var generator = Philox(seed: 2, stream: "volts")
    return (0..<rows).map { _ in 0.2 * Double(generator.uniform()) }
  }

  /// Kirchhoff's current law for all 2·rows·columns nodes as one dense system.
  static func reference(_ cells: ConductanceMatrix, _ ohms: Double, _ voltages: [Double]) throws -> [Double] {
    let (rows, columns) = (cells.rows, cells.columns)
    let segment = 1e6 / ohms
    let count = rows * columns
    var matrix = DoubleMatrix(zeros: 2 * count, 2 * count)
    var right = DoubleMatrix(zeros: 2 * count, 1)
    func join(_ a: Int, _ b: Int, _ g: Double) {
      matrix[a, a] += g
      matrix[b, b] += g
      matrix[a, b] -= g
      matrix[b, a] -= g
    }
    for row in 0..<rows {
      for column in 0..<columns {
        let (word, bit) = (row * columns + column, count + row * columns + column)
        join(word, bit, cells.values[word])
        if column + 1 < columns { join(word, word + 1, segment) }
        if row + 1 < rows { join(bit, bit + columns, segment) } else { matrix[bit, bit] += segment }
        if column == 0 {
          matrix[word, word] += segment
          right[word, 0] += segment * voltages[row]
        }
      }
    }
    let solution = try LinearAlgebra.solve(matrix, right)
    return (0..<columns).map { segment * solution[count + (rows - 1) * columns + $0, 0] }
  }

  @Test func oneCellIsASeriesCircuit() throws {
    let grid = try WireGrid(ConductanceMatrix(rows: 1, columns: 1, [100]), segmentResistance: 2.82)
    let current = try grid.solve([0.2]).currents[0]
    #expect(abs(current - 1e6 * 0.2 / (1e4 + 2 * 2.82)) < 1e-9)
  }

  @Test(arguments: [(1, 5), (5, 1), (3, 4), (7, 6)]) func equalsNodalAnalysis(_ size: (Int, Int)) throws {
    let cells = Self.cells(size.0, size.1)
    let voltages = Self.voltages(size.0)
    for ohms in [0.01, 2.82, 500] {
      let got = try WireGrid(cells, segmentResistance: ohms).solve(voltages).currents
      for (a, b) in zip(got, try Self.reference(cells, ohms, voltages)) { #expect(abs(a - b) <= 1e-9 * abs(b)) }
    }
  }

  @Test(arguments: [(3, 4), (16, 10), (33, 17)]) func effectiveMatrixEqualsTheSolution(_ size: (Int, Int)) throws {
    let grid = try WireGrid(Self.cells(size.0, size.1), segmentResistance: 2.82)
    let effective = grid.effectiveConductances()
    let voltages = Self.voltages(size.0)
    let solution = try grid.solve(voltages)
    for column in 0..<size.1 {
      let current = (0..<size.0).reduce(0) { $0 + voltages[$1] * effective.values[$1 * size.1 + column] }
      #expect(abs(current - solution.currents[column]) <= 1e-10 * abs(current))
    }
    #expect(solution.residual < 1e-8)
  }

  /// Power in equals power dissipated in cells and wires.
  @Test func energyBalances() throws {
    let (rows, columns, ohms) = (6, 5, 20.0)
    let cells = Self.cells(rows, columns)
    let voltages = Self.voltages(rows)
    let s = try WireGrid(cells, segmentResistance: ohms).solve(voltages)
    let segment = 1e6 / ohms
    var supplied = 0.0
    var lost = 0.0
    for row in 0..<rows {
      for column in 0..<columns {
        let index = row * columns + column
        let (word, bit) = (s.wordVoltages[index], s.bitVoltages[index])
        let left = column == 0 ? voltages[row] : s.wordVoltages[index - 1]
        let below = row + 1 < rows ? s.bitVoltages[index + columns] : 0
        if column == 0 { supplied += voltages[row] * segment * (voltages[row] - word) }
        lost += cells.values[index] * (word - bit) * (word - bit)
        lost += segment * ((left - word) * (left - word) + (bit - below) * (bit - below))
      }
    }
    #expect(abs(supplied - lost) <= 1e-9 * supplied)
  }

  /// Mirroring the circuit at its diagonal swaps drivers and sinks: transfer conductances are reciprocal.
  @Test func transfersAreReciprocal() throws {
    let size = 5
    let cells = Self.cells(size, size)
    var mirrored = cells
    for row in 0..<size {
      for column in 0..<size {
        mirrored.values[(size - 1 - column) * size + size - 1 - row] = cells.values[row * size + column]
      }
    }
    let a = try WireGrid(cells, segmentResistance: 50).effectiveConductances()
    let b = try WireGrid(mirrored, segmentResistance: 50).effectiveConductances()
    for row in 0..<size {
      for column in 0..<size {
        let (x, y) = (a.values[row * size + column], b.values[(size - 1 - column) * size + size - 1 - row])
        #expect(abs(x - y) <= 1e-9 * x)
      }
    }
  }

  @Test func perfectWiresChangeNothing() throws {
    let cells = Self.cells(8, 6)
    let effective = try WireGrid(cells, segmentResistance: 1e-6).effectiveConductances()
    for (a, b) in zip(effective.values, cells.values) { #expect(abs(a - b) < 1e-4 * b) }
  }

  @Test func badGridsAreRefused() {
    #expect(throws: BasisNError.self) { try WireGrid(Self.cells(2, 2), segmentResistance: 0) }
    #expect(throws: BasisNError.self) { try WireGrid(Self.cells(2, 2), segmentResistance: .infinity) }
    #expect(throws: BasisNError.self) {
      try WireGrid(ConductanceMatrix(rows: 1, columns: 1, [-1]), segmentResistance: 1)
    }
  }
}
