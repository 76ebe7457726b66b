/// Bit-serial matrix-vector products with a conversion per input bit, by table look-up ("four Russians").
///
/// Four word lines at a time have 16 possible input patterns, so their 16 partial sums are tabulated once per crossbar: a bit
/// plane of 128 rows then costs 32 look-ups of a byte row instead of 128 additions. Partial sums are stored with a bias that
/// makes them unsigned, two of them are added as bytes, and bytes are widened in pairs. Levels up to ±15 fit.
struct BitSerialKernel: Sendable {
  /// Word lines that share a table.
  static let groupRows = 4
  /// Columns of a block: two registers of bytes.
  static let lanes = 64
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
        // Every fourth column: 0, 4, 8 …; then 1, 5, 9 …; and so on. Two registers of columns share the patterns' look-up.
        var sums = (SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero, SIMD16<Float>.zero)
        let base = UnsafeRawPointer(table + block * groups * 16 * Self.lanes)
        for bit in 0..<bits {
          let plane = plane(base, patterns + bit * groups)
          let weight = SIMD16(repeating: Float(1 << bit))
          if let step {
            clippedLanes &-= add(plane.0, step, maximumCode, weight, to: &sums.0)
            clippedLanes &-= add(plane.1, step, maximumCode, weight, to: &sums.1)
            clippedLanes &-= add(plane.2, step, maximumCode, weight, to: &sums.2)
            clippedLanes &-= add(plane.3, step, maximumCode, weight, to: &sums.3)
          } else {
            sums.0 += plane.0 * weight
            sums.1 += plane.1 * weight
            sums.2 += plane.2 * weight
            sums.3 += plane.3 * weight
          }
        }
        let first = block * Self.lanes
        store(sums.0, sums.1, to: y + first, count: min(32, columns - first))
        if columns > first + 32 { store(sums.2, sums.3, to: y + first + 32, count: min(32, columns - first - 32)) }
      }
    }
    var clipped = 0
    for lane in 0..<16 { clipped += Int(clippedLanes[lane]) }
    return clipped
  }

  /// Puts 32 columns back in order: bytes were split by parity, then words, so lane → column 4·(lane mod 8) + 2·(lane / 8).
  @inline(__always)
  private func store(
    _ even: SIMD16<Float>, _ odd: SIMD16<Float>, to y: UnsafeMutablePointer<Float>, count: Int
  ) {
    for lane in 0..<16 {
      let column = 4 * (lane & 7) + 2 * (lane >> 3)
      if column < count { y[column] = even[lane] }
      if column + 1 < count { y[column + 1] = odd[lane] }
    }
  }

  /// Bytes of working memory for ``multiply(_:bits:step:maximumCode:patterns:into:)``.
  func patternCount(bits: Int) -> Int { groups * bits }

  /// Column sums of one bit plane of a block: even and odd columns of its first half, then of its second.
  @inline(__always)
  private func plane(
    _ table: UnsafeRawPointer, _ patterns: UnsafeMutablePointer<UInt8>
  ) -> (SIMD16<Float>, SIMD16<Float>, SIMD16<Float>, SIMD16<Float>) {
    // Pairs of bytes are added as words without masking the upper byte: its sum is known and taken off once at the end.
    var both = (SIMD16<UInt16>.zero, SIMD16<UInt16>.zero)
    var odd = both
    var group = 0
    while group < groups {
      let first = table + (group * 16 + Int(patterns[group])) * Self.lanes
      let second = table + ((group + 1) * 16 + Int(patterns[group + 1])) * Self.lanes
      let low = Self.pair(first, second)
      let high = Self.pair(first + 32, second + 32)
      both.0 &+= low
      both.1 &+= high
      odd.0 &+= low &>> 8
      odd.1 &+= high &>> 8
      group += 2
    }
    let offset = SIMD16(repeating: Float(Self.bias * groups))
    return (
      Self.float(both.0 &- odd.0 &<< 8) - offset, Self.float(odd.0) - offset,
      Self.float(both.1 &- odd.1 &<< 8) - offset, Self.float(odd.1) - offset
    )
  }

  /// The sums of two groups, 32 columns, as words of two bytes.
  @inline(__always)
  private static func pair(_ first: UnsafeRawPointer, _ second: UnsafeRawPointer) -> SIMD16<UInt16> {
    unsafeBitCast(
      first.loadUnaligned(as: SIMD32<UInt8>.self) &+ second.loadUnaligned(as: SIMD32<UInt8>.self),
      to: SIMD16<UInt16>.self)
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
