import Synchronization
import TinyTensor

/// One crossbar that multiplies vectors the way the chip does: inputs bit by bit (or several bits at once), a conversion of
/// every signed column per cycle, shift and add (section 4.4).
public struct CrossbarSimulator: Sendable {
  /// The physics.
  public let configuration: CrossbarConfiguration
  /// Signed columns in use.
  public let columns: Int
  /// Word lines in use.
  public let rows: Int
  /// What each signed column holds, in levels, `[rows, columns]`: with all errors and, if wires have resistance, as seen
  /// through them.
  public let effectiveLevels: Tensor
  /// Sum per converter code; nil without converters.
  public let converterStep: Float?
  private let exact: BitSerialKernel?
  private let noiseVariances: Tensor?

  /// Programs a crossbar.
  /// - Parameters:
  ///   - levels: signed levels `rows × columns`, row by row.
  ///   - crossbar: number of the crossbar on the chip, for its random numbers.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)``, ``BasisNError/mismatch(_:)``, and what the physics throw. A
  ///   calibrated converter range is an error here: there is nothing to calibrate on.
  public init(
    levels: [Int8], rows: Int, columns: Int, configuration: CrossbarConfiguration, crossbar: Int = 0
  ) throws(BasisNError) {
    try configuration.validate()
    guard rows > 0, columns > 0, levels.count == rows * columns else {
      throw .mismatch("\(levels.count) levels for \(rows) × \(columns) signed cells")
    }
    let programmed = try ProgrammedColumns(
      levels: levels.map(Int.init), pairs: columns, crossbar: crossbar, configuration: configuration)
    self.configuration = configuration
    self.rows = rows
    self.columns = columns
    effectiveLevels = programmed.levels.slice(0..<rows)
    let isExact = effectiveLevels.scalars == levels.map(Float.init)
    let fits = levels.allSatisfy { abs(Int($0)) <= BitSerialKernel.largestLevel }
    exact =
      isExact && fits && configuration.dacBits == 1
      ? BitSerialKernel(levels: levels, rows: rows, columns: columns) : nil
    noiseVariances = configuration.readNoise > 0 ? programmed.noiseVariances.slice(0..<rows) : nil
    switch configuration.converter?.range {
    case nil: converterStep = nil
    case .calibrated:
      throw .invalidSetting(
        "converter range", value: "calibrated", expected: "fullScale or explicit for a single crossbar")
    case .explicit(let range): converterStep = configuration.converter?.step(range: Float(range))
    case .fullScale:
      let largest = Float(rows * configuration.cell.levels * ((1 << configuration.dacBits) - 1))
      converterStep = configuration.converter?.step(range: largest)
    }
  }

  /// Multiplies vectors.
  /// - Parameters:
  ///   - x: `count × rows` unsigned 8-bit inputs.
  ///   - firstVector: number of the first vector, the key of its read noise.
  /// - Returns: `count × columns` sums in level · input units.
  public func multiply(_ x: [UInt8], count: Int, firstVector: Int = 0) -> [Float] {
    var y = [Float](repeating: 0, count: count * columns)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in _ = multiply(x, count: count, firstVector: firstVector, into: y) }
    }
    return y
  }

  /// Multiplies vectors into a buffer.
  /// - Precondition: `x` holds `count · rows` inputs, `y` has room for `count · columns` sums.
  /// - Returns: conversions that were clipped.
  @discardableResult
  public func multiply(
    _ x: UnsafeBufferPointer<UInt8>, count: Int, firstVector: Int = 0, into y: UnsafeMutableBufferPointer<Float>
  ) -> Int {
    precondition(x.count >= count * rows && y.count >= count * columns, "buffers are too short for \(count) vectors")
    guard count > 0, let x = x.baseAddress, let y = y.baseAddress else { return 0 }
    let clipped = Atomic<Int>(0)
    let code = configuration.converter?.maximumCode ?? 0
    parallelRanges(count, grain: 64, alignment: 1) { range in
      var own = 0
      if let exact, noiseVariances == nil {
        withScratch(UInt8.self, count: exact.patternCount(bits: 8)) { patterns in
          for vector in range {
            own += exact.multiply(
              x + vector * rows, bits: 8, step: converterStep, maximumCode: code, patterns: patterns,
              into: y + vector * columns)
          }
        }
      } else {
        own = multiplyAnalog(x, range, firstVector: firstVector, maximumCode: code, into: y)
      }
      clipped.add(own, ordering: .relaxed)
    }
    return clipped.load(ordering: .relaxed)
  }

  /// The general path: one float product per cycle, noise per column sum, conversion.
  private func multiplyAnalog(
    _ x: UnsafePointer<UInt8>, _ range: Range<Int>, firstVector: Int, maximumCode: Int,
    into y: UnsafeMutablePointer<Float>
  ) -> Int {
    let bits = configuration.dacBits
    let cycles = (8 + bits - 1) / bits
    var clipped = 0
    for vector in range {
      for column in 0..<columns { y[vector * columns + column] = 0 }
    }
    for cycle in 0..<cycles {
      var digits = Tensor(uninitialized: [range.count, rows])
      digits.withUnsafeMutableBufferPointer { digits in
        for (index, vector) in range.enumerated() {
          for row in 0..<rows {
            let digit = Int(x[vector * rows + row]) >> (cycle * bits) & ((1 << bits) - 1)
            digits[index * rows + row] = Float(digit)
          }
        }
      }
      var sums = matmul(digits, effectiveLevels)
      if let noiseVariances {
        ReadNoiseKernel.add(
          to: &sums, variances: matmul(digits * digits, noiseVariances), seed: configuration.seed,
          key: UInt64(truncatingIfNeeded: firstVector + range.lowerBound), cycle: cycle)
      }
      sums.withUnsafeMutableBufferPointer { sums in
        guard let sums = sums.baseAddress else { return }
        if let converterStep {
          clipped += ConverterKernel.convert(
            sums, count: range.count * columns, step: converterStep, maximumCode: maximumCode)
        }
        let weight = Float(1 << (cycle * bits))
        for index in 0..<range.count * columns { y[range.lowerBound * columns + index] += weight * sums[index] }
      }
    }
    return clipped
  }
}
