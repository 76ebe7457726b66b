/// A set of byte values.
public struct ByteSet: Sendable, Hashable {
  private var words = SIMD4<UInt64>()

  /// The empty set.
  public init() {}

  /// The bytes of a range.
  public init(_ range: ClosedRange<UInt8>) {
    for byte in range { insert(byte) }
  }

  /// The given bytes.
  public init(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { insert(byte) }
  }

  /// Adds a byte.
  public mutating func insert(_ byte: UInt8) { words[Int(byte) >> 6] |= 1 << UInt64(byte & 63) }

  /// Whether the byte is in the set.
  public func contains(_ byte: UInt8) -> Bool { words[Int(byte) >> 6] >> UInt64(byte & 63) & 1 == 1 }

  /// Whether no byte is in the set.
  public var isEmpty: Bool { words == SIMD4() }

  /// The bytes of either set.
  public func union(_ other: ByteSet) -> ByteSet {
    var result = self
    result.words |= other.words
    return result
  }

  /// The bytes of this set that are not in the other.
  public func subtracting(_ other: ByteSet) -> ByteSet {
    var result = self
    result.words &= ~other.words
    return result
  }
}
