/// Reads the decimal numbers of a comma-separated table, without copying a field.
enum DecimalTableKernel {
  /// Where and why reading stopped.
  struct Fault: Error, Equatable {
    enum Kind: Equatable { case notANumber, tooFewFields, tooManyFields, tooManyRows }
    let row: Int
    let column: Int
    let kind: Kind
  }

  /// Powers of ten that a double holds exactly.
  private static let powers: [Double] = (0...22).map { exponent in (0..<exponent).reduce(1.0) { power, _ in power * 10 }
  }

  /// Parses rows of `columns` numbers into `values[column · capacity + row]`; a blank field becomes NaN.
  ///
  /// - Parameter bytes: the table without its header line.
  /// - Returns: the number of rows.
  static func parse(
    _ bytes: UnsafeRawBufferPointer, columns: Int, capacity: Int, into values: UnsafeMutablePointer<Float>
  ) throws(Fault) -> Int {
    var cursor = 0
    let end = bytes.count
    var row = 0
    while cursor < end {
      guard row < capacity else { throw Fault(row: row, column: 0, kind: .tooManyRows) }
      for column in 0..<columns {
        guard let value = number(bytes, &cursor) else { throw Fault(row: row, column: column, kind: .notANumber) }
        values[column * capacity + row] = value
        let separator = cursor < end ? bytes[cursor] : UInt8(ascii: "\n")
        cursor += 1
        if separator == UInt8(ascii: ",") {
          guard column < columns - 1 else { throw Fault(row: row, column: column, kind: .tooManyFields) }
        } else {
          if separator == UInt8(ascii: "\r") {
            guard cursor < end, bytes[cursor] == UInt8(ascii: "\n") else {
              throw Fault(row: row, column: column, kind: .notANumber)
            }
            cursor += 1
          } else if separator != UInt8(ascii: "\n") {
            throw Fault(row: row, column: column, kind: .notANumber)
          }
          guard column == columns - 1 else { throw Fault(row: row, column: column, kind: .tooFewFields) }
        }
      }
      row += 1
    }
    return row
  }

  /// One number, or NaN for a blank field; nil if the field is no number. Leaves the cursor behind it.
  @inline(__always)
  private static func number(_ bytes: UnsafeRawBufferPointer, _ cursor: inout Int) -> Float? {
    let start = cursor
    let end = bytes.count
    var negative = false
    if cursor < end, bytes[cursor] == UInt8(ascii: "-") {
      negative = true
      cursor += 1
    }
    var mantissa: Int64 = 0
    var digits = 0
    var fraction = 0
    var isFraction = false
    while cursor < end {
      let byte = bytes[cursor]
      let digit = byte &- UInt8(ascii: "0")
      if digit < 10 {
        // Eighteen digits fit; what the tables hold has at most ten.
        guard digits < 18 else { return nil }
        mantissa = mantissa &* 10 &+ Int64(digit)
        digits += 1
        if isFraction { fraction += 1 }
      } else if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else {
        break
      }
      cursor += 1
    }
    guard digits > 0 else { return cursor == start ? .nan : nil }
    var exponent = -fraction
    if cursor < end, bytes[cursor] | 0x20 == UInt8(ascii: "e") {
      cursor += 1
      guard let power = integer(bytes, &cursor) else { return nil }
      exponent += power
    }
    guard abs(exponent) <= 22 else { return nil }
    let magnitude = exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
    return Float(negative ? -magnitude : magnitude)
  }

  private static func integer(_ bytes: UnsafeRawBufferPointer, _ cursor: inout Int) -> Int? {
    var negative = false
    if cursor < bytes.count, bytes[cursor] == UInt8(ascii: "-") || bytes[cursor] == UInt8(ascii: "+") {
      negative = bytes[cursor] == UInt8(ascii: "-")
      cursor += 1
    }
    var value = 0
    var digits = 0
    while cursor < bytes.count, digits < 4, case let digit = bytes[cursor] &- UInt8(ascii: "0"), digit < 10 {
      value = value * 10 + Int(digit)
      digits += 1
      cursor += 1
    }
    return digits == 0 ? nil : (negative ? -value : value)
  }
}
