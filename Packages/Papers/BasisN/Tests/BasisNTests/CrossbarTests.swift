import BasisN
import Testing
import TinyTensor

@Suite struct CrossbarTests {
  static func levels(_ count: Int, largest: Int = 15, seed: UInt64 = 1) -> [Int8] {
    var generator = Philox(seed: seed, stream: "levels")
    return (0..<count).map { _ in Int8(generator.next(below: 2 * largest + 1) - largest) }
  }

  static func inputs(_ count: Int, seed: UInt64 = 2) -> [UInt8] {
    var generator = Philox(seed: seed, stream: "inputs")
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.nextWord()) }
  }

  /// Digit by digit, column by column, in integers and Double.
  static func reference(
    _ x: [UInt8], _ levels: [Int8], rows: Int, columns: Int, dacBits: Int, converter: (step: Double, code: Double)?
  ) -> [Double] {
    let count = x.count / rows
    var y = [Double](repeating: 0, count: count * columns)
    for vector in 0..<count {
      for column in 0..<columns {
        for cycle in 0..<(8 + dacBits - 1) / dacBits {
          var sum = 0
          for row in 0..<rows {
            let digit = Int(x[vector * rows + row]) >> (cycle * dacBits) & ((1 << dacBits) - 1)
            sum += digit * Int(levels[row * columns + column])
          }
          var value = Double(sum)
          if let converter {
            let code = (value / converter.step).rounded(.toNearestOrAwayFromZero)
            value = max(-converter.code, min(converter.code, code)) * converter.step
          }
          y[vector * columns + column] += value * Double(1 << (cycle * dacBits))
        }
      }
    }
    return y
  }

  @Test(arguments: [(1, 1), (5, 3), (8, 32), (13, 33), (128, 64), (100, 70)])
  func productsEqualTheReference(_ size: (Int, Int)) throws {
    let (rows, columns) = size
    let levels = Self.levels(rows * columns)
    let x = Self.inputs(7 * rows)
    for dacBits in [1, 2, 3, 8] {
      for range in [nil, 32.0, 200] {
        let configuration = CrossbarConfiguration(
          rows: rows, columns: 2 * columns, dacBits: dacBits,
          converter: range.map { ConverterConfiguration(bits: 6, range: .explicit($0 * 31 / 32)) })
        let simulator = try CrossbarSimulator(
          levels: levels, rows: rows, columns: columns, configuration: configuration)
        // Steps of 31/32 · range / 31 are powers of two (or multiples), so that ties are exact in both.
        let converter = range.map { (step: $0 / 32, code: 31.0) }
        let wanted = Self.reference(
          x, levels, rows: rows, columns: columns, dacBits: dacBits, converter: converter)
        let got = simulator.multiply(x, count: 7)
        for (a, b) in zip(got, wanted) { #expect(abs(Double(a) - b) <= 1e-5 * max(1, abs(b))) }
      }
    }
  }

  @Test func clippedConversionsAreCounted() throws {
    let configuration = CrossbarConfiguration(
      rows: 4, columns: 4, dacBits: 1, converter: ConverterConfiguration(bits: 4, range: .explicit(7)))
    let simulator = try CrossbarSimulator(
      levels: [15, 0, 15, 0, 15, 0, 15, 0], rows: 4, columns: 2, configuration: configuration)
    var y = [Float](repeating: 0, count: 2)
    let clipped = [UInt8](repeating: 3, count: 4).withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { simulator.multiply(x, count: 1, into: $0) }
    }
    #expect(clipped == 2)
    #expect(y == [21, 0])
  }

  @Test func threadsDoNotMatter() throws {
    let configuration = CrossbarConfiguration(rows: 32, columns: 32, readNoise: 0.1, dacBits: 1)
    let simulator = try CrossbarSimulator(
      levels: Self.levels(512), rows: 32, columns: 16, configuration: configuration)
    let x = Self.inputs(200 * 32)
    let one = Threads.withCount(1) { simulator.multiply(x, count: 200) }
    #expect(Threads.withCount(2) { simulator.multiply(x, count: 200) } == one)
  }

  /// Noise of a column sum drawn at once against noise drawn for every cell: same mean, same variance, and the quartiles of a
  /// normal distribution.
  @Test func readNoiseHasTheDistributionOfCellNoise() throws {
    let (rows, sigma, draws) = (24, 0.05, 20_000)
    let levels = Self.levels(rows)
    let x = Self.inputs(rows)
    let cell = CellModel()
    let configuration = CrossbarConfiguration(rows: rows, columns: 2, readNoise: sigma, dacBits: 8)
    let simulator = try CrossbarSimulator(levels: levels, rows: rows, columns: 1, configuration: configuration)
    let sums = simulator.multiply(Array(repeating: x, count: draws).flatMap { $0 }, count: draws).map(Double.init)
    var generator = Philox(seed: 6, stream: "cells")
    let cellSums = (0..<draws).map { _ in
      (0..<rows).reduce(0.0) { sum, row in
        let level = Int(levels[row])
        let positive = cell.conductance(max(0, level)) * (1 + sigma * Double(generator.normal()))
        let negative = cell.conductance(max(0, -level)) * (1 + sigma * Double(generator.normal()))
        return sum + Double(x[row]) * (positive - negative) / cell.step
      }
    }
    func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
      let mean = values.reduce(0, +) / Double(values.count)
      return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot())
    }
    let (a, b) = (moments(sums), moments(cellSums))
    #expect(abs(a.mean - b.mean) < 4 * b.deviation * (2 / Double(draws)).squareRoot())
    #expect(abs(a.deviation - b.deviation) < 0.03 * b.deviation)
    let sorted = sums.sorted()
    let quartile = (sorted[3 * draws / 4] - sorted[draws / 4]) / 2
    #expect(abs(quartile / (0.6745 * a.deviation) - 1) < 0.04)
  }

  @Test func faultsAndErrorsHaveTheirRates() throws {
    let configuration = CrossbarConfiguration(
      rows: 200, columns: 200, programming: .proportional(sigma: 0.1), stuckLow: 0.05, stuckHigh: 0.02)
    let levels = [Int](repeating: 7, count: 200 * 100)
    let cells = try ConductanceMatrix(programming: levels, pairs: 100, crossbar: 0, configuration: configuration)
    let positive = stride(from: 0, to: cells.values.count, by: 2).map { cells.values[$0] }
    let target = configuration.cell.conductance(7)
    let low = Double(positive.count { $0 == configuration.cell.minimum }) / Double(positive.count)
    let high = Double(positive.count { $0 == configuration.cell.maximum }) / Double(positive.count)
    #expect(abs(low - 0.05) < 0.007 && abs(high - 0.02) < 0.005)
    let rest = positive.filter { $0 != configuration.cell.minimum && $0 != configuration.cell.maximum }
    let deviation = (rest.reduce(0) { $0 + ($1 / target - 1) * ($1 / target - 1) } / Double(rest.count)).squareRoot()
    #expect(abs(deviation - 0.1) < 0.005)
    let other = try ConductanceMatrix(programming: levels, pairs: 100, crossbar: 1, configuration: configuration)
    #expect(other != cells)
    #expect(try ConductanceMatrix(programming: levels, pairs: 100, crossbar: 0, configuration: configuration) == cells)
  }

  @Test func driftIsAPowerOfTime() throws {
    let configuration = CrossbarConfiguration(rows: 1, columns: 2, driftExponent: 0.05, driftTime: 1_000)
    let cells = try ConductanceMatrix(programming: [15], pairs: 1, crossbar: 0, configuration: configuration)
    #expect(abs(cells.values[0] - 100 * 0.707_945_784) < 1e-5)
  }

  @Test func fitsAreNotUsedBeyondTheirRange() throws {
    let configuration = CrossbarConfiguration(rows: 1, columns: 2, programming: .milo)
    #expect(throws: BasisNError.self) {
      try ConductanceMatrix(programming: [3], pairs: 1, crossbar: 0, configuration: configuration)
    }
    var wan = configuration
    wan.programming = .wan
    wan.cell = CellModel(onResistance: 1e6 / 39, offResistance: 1e6)
    #expect(
      try ConductanceMatrix(programming: [3], pairs: 1, crossbar: 0, configuration: wan).values.allSatisfy { $0 >= 0 })
  }

  @Test func badPhysicsAreRefused() {
    let bad: [(inout CrossbarConfiguration) -> Void] = [
      { $0.rows = 0 }, { $0.columns = 3 }, { $0.stuckLow = 1.5 },
      {
        $0.stuckLow = 0.6; $0.stuckHigh = 0.6
      },
      { $0.driftTime = 0 }, { $0.driftExponent = -1 }, { $0.readNoise = .nan }, { $0.wireResistance = -1 },
      { $0.dacBits = 0 }, { $0.dacBits = 9 }, { $0.converter = ConverterConfiguration(bits: 1) },
      { $0.converter = ConverterConfiguration(bits: 8, range: .explicit(0)) },
      { $0.converter = ConverterConfiguration(bits: 8, range: .calibrated(percentile: 101)) },
      { $0.cell.offResistance = 1 }, { $0.cell.onResistance = 0 }, { $0.cell.bits = 7 },
    ]
    for change in bad {
      var configuration = CrossbarConfiguration()
      change(&configuration)
      #expect(throws: BasisNError.self) { try configuration.validate() }
    }
    #expect(throws: BasisNError.self) {
      try CrossbarSimulator(
        levels: [1], rows: 1, columns: 1, configuration: CrossbarConfiguration(converter: ConverterConfiguration()))
    }
  }
}
