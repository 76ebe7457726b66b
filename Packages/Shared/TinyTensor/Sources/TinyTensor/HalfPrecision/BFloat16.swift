/// A 16-bit float with the exponent of `Float` and 8 bits of significand: half the memory of `Float` at its range.
///
/// A storage and operand format: arithmetic is done in `Float`, which holds every value exactly.
public struct BFloat16: Sendable, Hashable, BitwiseCopyable {
  /// Sign, 8 bits of exponent, 7 bits of fraction: the upper half of a `Float`.
  public let bitPattern: UInt16

  /// The number with the given bits.
  @inlinable
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// The nearest number, ties to even; NaN stays NaN.
  @inlinable
  public init(_ value: Float) { bitPattern = HalfPrecision.encodeBFloat16(value) }
}

extension Float {
  /// The value of a bfloat16 number, exact.
  @inlinable
  public init(_ value: BFloat16) { self = HalfPrecision.decodeBFloat16(value.bitPattern) }
}
