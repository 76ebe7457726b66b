/// Conversions between `Float` and the 16-bit formats of checkpoints, as raw bit patterns.
///
/// Encoding rounds to nearest, ties to even; values beyond the largest finite float16 become infinite; NaN stays NaN.
public enum HalfPrecision {
  /// IEEE 754 binary16 → `Float`, exact.
  @inlinable
  public static func decodeFloat16(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7fff)
    // Shift into Float's fields and fix the exponent bias by an exact multiplication, which also handles subnormals.
    let scaled = Float(bitPattern: magnitude << 13) * 0x1p112
    let special: UInt32 = magnitude >= 0x7c00 ? 0x7f80_0000 : 0
    return Float(bitPattern: scaled.bitPattern | special | sign)
  }

  /// `Float` → IEEE 754 binary16.
  @inlinable
  public static func encodeFloat16(_ value: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
    let magnitude = value.bitPattern & 0x7fff_ffff
    if magnitude > 0x7f80_0000 { return sign | 0x7e00 }
    if magnitude >= 0x477f_f000 { return sign | 0x7c00 }
    if magnitude < 0x3880_0000 {
      // Subnormal: adding 2^-1 · 2^-1 aligns the mantissa at the float16 unit 2^-24 and rounds in hardware.
      let aligned = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: aligned.bitPattern &- 0x3f00_0000)
    }
    let rounded = magnitude &+ 0xfff &+ (magnitude >> 13 & 1)
    return sign | UInt16(truncatingIfNeeded: (rounded &- 0x3800_0000) >> 13)
  }

  /// bfloat16 → `Float`, exact.
  @inlinable
  public static func decodeBFloat16(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  /// `Float` → bfloat16.
  @inlinable
  public static func encodeBFloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if bits & 0x7fff_ffff > 0x7f80_0000 { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }

  /// Decodes an array of binary16 bit patterns.
  public static func decodeFloat16(_ bits: [UInt16]) -> [Float] { bits.map { decodeFloat16($0) } }
  /// Encodes an array to binary16 bit patterns.
  public static func encodeFloat16(_ values: [Float]) -> [UInt16] { values.map { encodeFloat16($0) } }
  /// Decodes an array of bfloat16 bit patterns.
  public static func decodeBFloat16(_ bits: [UInt16]) -> [Float] { bits.map { decodeBFloat16($0) } }
  /// Encodes an array to bfloat16 bit patterns.
  public static func encodeBFloat16(_ values: [Float]) -> [UInt16] { values.map { encodeBFloat16($0) } }
}
