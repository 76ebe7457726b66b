import Foundation

/// One linear pass over a text that json-c accepted, looking for what json-c tolerates or silently alters.
///
/// It counts the members of every object (see ``TreeConverter``), and refuses `NaN` and `Infinity`, numbers outside JSON's
/// grammar or outside the 64-bit types, raw control characters, zero bytes in keys, and unpaired surrogates.
struct Scanner {
  /// Members per object, in the order of the opening braces.
  private(set) var memberCounts: [Int] = []

  private let bytes: UnsafeRawBufferPointer
  private let limits: JSONLimits
  private var index = 0
  /// Indices into ``memberCounts`` of the open containers; −1 for an array.
  private var open: [Int] = []

  init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func scan() throws(JSONError) {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "{"):
        try enter(memberCounts.count)
        memberCounts.append(0)
      case UInt8(ascii: "["): try enter(-1)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        _ = open.popLast()
        index += 1
      case UInt8(ascii: ":"):
        if let object = open.last, object >= 0 { memberCounts[object] += 1 }
        index += 1
      case UInt8(ascii: "\""): try scanString()
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try scanNumber()
      case UInt8(ascii: "N"), UInt8(ascii: "I"): throw error("NaN and Infinity are not JSON numbers", at: index)
      case UInt8(ascii: "'"): throw error("strings and keys need double quotes", at: index)
      default: index += 1
      }
    }
  }

  private mutating func enter(_ container: Int) throws(JSONError) {
    guard open.count < limits.effectiveDepth else {
      throw error("nested deeper than the limit of \(limits.effectiveDepth) levels", at: index)
    }
    open.append(container)
    index += 1
  }

  private mutating func scanString() throws(JSONError) {
    let start = index
    var hasZero = false
    index += 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      if bytes[index] == UInt8(ascii: "\\") {
        hasZero = try scanEscape() || hasZero
      } else {
        guard bytes[index] >= 0x20 else { throw error("control character in a string; write it as \\u00…", at: index) }
        index += 1
      }
    }
    index += 1
    // json-c keeps keys as C strings, which end at a zero byte.
    if hasZero, isKey { throw error("a key contains \\u0000", at: start) }
  }

  /// Whether the string that just ended is followed by a colon.
  private var isKey: Bool {
    var next = index
    while next < bytes.count, bytes[next] <= 0x20 { next += 1 }
    return next < bytes.count && bytes[next] == UInt8(ascii: ":")
  }

  /// Passes an escape sequence; returns whether it stands for a zero byte.
  private mutating func scanEscape() throws(JSONError) -> Bool {
    let start = index
    guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u") else {
      index += 2
      return false
    }
    let first = hexadecimal(at: index + 2)
    index += 6
    guard (0xD800...0xDFFF).contains(first) else { return first == 0 }
    let isPair =
      first <= 0xDBFF && index + 1 < bytes.count && bytes[index] == UInt8(ascii: "\\")
      && bytes[index + 1] == UInt8(ascii: "u") && (0xDC00...0xDFFF).contains(hexadecimal(at: index + 2))
    guard isPair else { throw error("unpaired surrogate in a string", at: start) }
    index += 6
    return false
  }

  private func hexadecimal(at start: Int) -> Int {
    guard start + 4 <= bytes.count else { return -1 }
    let digits = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<start + 4]), as: UTF8.self)
    return Int(digits, radix: 16) ?? -1
  }

  private mutating func scanNumber() throws(JSONError) {
    let start = index
    var digits = 0
    var isWhole = true
    if bytes[index] == UInt8(ascii: "-") { index += 1 }
    let firstDigit = index
    scanDigits()
    guard index > firstDigit else { throw error("malformed number", at: start) }
    guard index == firstDigit + 1 || bytes[firstDigit] != UInt8(ascii: "0") else {
      throw error("a number must not begin with 0", at: start)
    }
    digits = index - firstDigit
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      isWhole = false
      index += 1
      let fraction = index
      scanDigits()
      guard index > fraction else { throw error("a number needs digits after its point", at: start) }
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") { index += 1 }
      let exponent = index
      scanDigits()
      guard index > exponent else { throw error("a number needs digits in its exponent", at: start) }
    }
    guard index - start <= limits.maximumNumberLength else {
      throw error(
        "a number of \(index - start) characters, more than the limit of \(limits.maximumNumberLength)", at: start)
    }
    // Short integers and numbers without an exponent cannot leave the range.
    if isWhole && digits < 19 || !isWhole && digits < 300 && bytes[start..<index].allSatisfy({ $0 | 0x20 != 0x65 }) {
      return
    }
    try checkRange(of: start..<index, isWhole: isWhole)
  }

  private func checkRange(of range: Range<Int>, isWhole: Bool) throws(JSONError) {
    let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    let fits = isWhole ? Int64(text) != nil || UInt64(text) != nil : Double(text)?.isFinite == true
    guard fits else {
      throw error(
        isWhole ? "an integer beyond 64 bits" : "a number beyond the range of double precision", at: range.lowerBound)
    }
  }

  private mutating func scanDigits() {
    while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 { index += 1 }
  }

  private func error(_ reason: String, at offset: Int) -> JSONError {
    JSONError(reason, at: TextPosition.location(of: offset, in: bytes))
  }
}
