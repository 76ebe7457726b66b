/// Bit-serial matrix-vector products with a conversion per input bit, by table look-up ("four Russians").
///
/// Four word lines at a time have 16 possible input patterns, so their 16 partial sums are tabulated once per crossbar: a bit
/// plane of 128 rows then costs 32 look-ups of a byte row instead of 128 additions. Partial sums are stored with a bias that
/// makes them unsigned, two of them are added as bytes, and bytes are widened in pairs. Levels up to ±15 fit.
struct BitSerialKernel: Sendable {
  /// Word lines that share a table.
  static let groupRows = 4
  /// Columns per vector register.
  static let lanes = 32
  /// Largest level that the byte tables hold: 2 · 4 · 15 · 2 = 240.
  static let largestLevel = 15
  private static let bias = 60

  /// Word lines.
  let rows: Int
  /// Columns.
  let columns: Int
  private let groups: Int
  private let blocks: Int
  /// `[block][group][pattern][lane]`.
  private let table: [UInt8]

  /// Tabulates a crossbar.
  /// - Parameter levels: signed levels `rows × columns`, within ±``largestLevel``.
  init(levels: [Int8], rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    groups = 2 * ((rows + 7) / 8)
    blocks = (columns + Self.lanes - 1) / Self.lanes
    var table = [UInt8](repeating: UInt8(Self.bias), count: blocks * groups * 16 * Self.lanes)
    for block in 0..<blocks {
      for group in 0..<groups {
        for pattern in 0..<16 {
          let base = ((block * groups + group) * 16 + pattern) * Self.lanes
          for lane in 0..<Self.lanes where block * Self.lanes + lane < columns {
            var sum = Self.bias
            for bit in 0..<4 where pattern >> bit & 1 == 1 && 4 * group + bit < rows {
              sum += Int(levels[(4 * group + bit) * columns + block * Self.lanes + lane])
            }
            table[base + lane] = UInt8(sum)
          }
        }
      }
    }
    self.table = table
  }

  /// Multiplies one vector.
  /// - Parameters:
  ///   - x: `rows` unsigned inputs.
  ///   - bits: input bits, applied one per cycle from the lowest.
  ///   - step: sum per converter code; nil converts exactly.
  ///   - maximumCode: largest code.
  ///   - patterns: working memory, `groups · bits` bytes (``patternCount(bits:)``).
  ///   - y: receives `columns` sums, shifted and added over the bits.
  /// - Returns: how many conversions were clipped.
  @inline(__always)
  func multiply(
    _ x: UnsafePointer<UInt8>, bits: Int, step: Float?, maximumCode: Int, patterns: UnsafeMutablePointer<UInt8>,
    into y: UnsafeMutablePointer<Float>
  ) -> Int {
    makePatterns(x, bits: bits, patterns)
    var clippedLanes = SIMD16<Int32>.zero
    table.withUnsafeBufferPointer { table in
      guard let table = table.baseAddress else { return }
      for block in 0..<blocks {
        var even = SIMD16<Float>.zero
        var odd = SIMD16<Float>.zero
        let base = UnsafeRawPointer(table + block * groups * 16 * Self.lanes)
        for bit in 0..<bits {
          let (low, high) = plane(base, patterns + bit * groups)
          let weight = SIMD16(repeating: Float(1 << bit))
          if let step {
            clippedLanes &-= add(low, step, maximumCode, weight, to: &even)
            clippedLanes &-= add(high, step, maximumCode, weight, to: &odd)
          } else {
            even += low * weight
            odd += high * weight
          }
        }
        let first = block * Self.lanes
        for lane in 0..<16 {
          // Bytes were split by parity, then words: lane → column 4·(lane mod 8) + 2·(lane / 8).
          let column = first + 4 * (lane & 7) + 2 * (lane >> 3)
          if column < columns { y[column] = even[lane] }
          if column + 1 < columns { y[column + 1] = odd[lane] }
        }
      }
    }
    var clipped = 0
    for lane in 0..<16 { clipped += Int(clippedLanes[lane]) }
    return clipped
  }

  /// Bytes of working memory for ``multiply(_:bits:step:maximumCode:patterns:into:)``.
  func patternCount(bits: Int) -> Int { groups * bits }

  /// Column sums of one bit plane: even and odd columns of a block.
  @inline(__always)
  private func plane(
    _ table: UnsafeRawPointer, _ patterns: UnsafeMutablePointer<UInt8>
  ) -> (SIMD16<Float>, SIMD16<Float>) {
    var even = SIMD16<UInt16>.zero
    var odd = SIMD16<UInt16>.zero
    let low = SIMD16<UInt16>(repeating: 0xff)
    var group = 0
    while group < groups {
      let first = table.loadUnaligned(
        fromByteOffset: (group * 16 + Int(patterns[group])) * Self.lanes, as: SIMD32<UInt8>.self)
      let second = table.loadUnaligned(
        fromByteOffset: ((group + 1) * 16 + Int(patterns[group + 1])) * Self.lanes, as: SIMD32<UInt8>.self)
      let pair = unsafeBitCast(first &+ second, to: SIMD16<UInt16>.self)
      even &+= pair & low
      odd &+= pair &>> 8
      group += 2
    }
    let offset = SIMD16(repeating: Float(Self.bias * groups))
    return (Self.float(even) - offset, Self.float(odd) - offset)
  }

  /// Exact conversion through the mantissa of 2²³ + n: even lanes in the lower half, odd lanes in the upper one.
  @inline(__always)
  private static func float(_ x: SIMD16<UInt16>) -> SIMD16<Float> {
    let pairs = unsafeBitCast(x, to: SIMD8<UInt32>.self)
    let wide = SIMD16<UInt32>(lowHalf: pairs & SIMD8(repeating: 0xffff), highHalf: pairs &>> 16)
    return unsafeBitCast(wide | SIMD16(repeating: 0x4b00_0000), to: SIMD16<Float>.self) - SIMD16(repeating: 8_388_608)
  }

  @inline(__always)
  private func add(
    _ sums: SIMD16<Float>, _ step: Float, _ maximumCode: Int, _ weight: SIMD16<Float>, to total: inout SIMD16<Float>
  ) -> SIMD16<Int32> {
    let (code, isClipped) = ConverterKernel.lanes(sums * SIMD16(repeating: 1 / step), limit: Float(maximumCode))
    total += code * (weight * step)
    return unsafeBitCast(isClipped, to: SIMD16<Int32>.self)
  }

  /// Four-row patterns of every bit plane, `[bit][group]`: an 8 × 8 bit transpose per eight rows.
  @inline(__always)
  private func makePatterns(_ x: UnsafePointer<UInt8>, bits: Int, _ patterns: UnsafeMutablePointer<UInt8>) {
    for pair in 0..<groups / 2 {
      var word: UInt64 = 0
      if 8 * pair + 8 <= rows {
        word = UnsafeRawPointer(x + 8 * pair).loadUnaligned(as: UInt64.self).littleEndian
      } else {
        for row in 8 * pair..<rows { word |= UInt64(x[row]) << UInt64(8 * (row - 8 * pair)) }
      }
      var swap = (word ^ (word >> 7)) & 0x00aa_00aa_00aa_00aa
      word ^= swap ^ (swap << 7)
      swap = (word ^ (word >> 14)) & 0x0000_cccc_0000_cccc
      word ^= swap ^ (swap << 14)
      swap = (word ^ (word >> 28)) & 0x0000_0000_f0f0_f0f0
      word ^= swap ^ (swap << 28)
      for bit in 0..<bits {
        let plane = UInt8(truncatingIfNeeded: word >> UInt64(8 * bit))
        patterns[bit * groups + 2 * pair] = plane & 15
        patterns[bit * groups + 2 * pair + 1] = plane >> 4
      }
    }
  }
}
