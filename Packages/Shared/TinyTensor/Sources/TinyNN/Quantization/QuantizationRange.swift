/// The integers a quantiser may produce.
public struct QuantizationRange: Sendable, Codable, Hashable {
  /// The least code.
  public let lower: Int
  /// The greatest code, at least 1.
  public let upper: Int

  /// Creates the range `lower...upper`.
  public init(lower: Int, upper: Int) {
    precondition(lower <= 0 && upper >= 1, "a quantisation range contains 0 and 1, got \(lower)...\(upper)")
    self.lower = lower
    self.upper = upper
  }

  /// Symmetric signed codes, `−(2^(bits−1) − 1)...2^(bits−1) − 1`: for weights. At least two bits.
  public static func signed(bits: Int) -> QuantizationRange {
    precondition((2...24).contains(bits), "signed quantisation takes 2 to 24 bits, got \(bits)")
    return QuantizationRange(lower: 1 - (1 << (bits - 1)), upper: (1 << (bits - 1)) - 1)
  }

  /// Unsigned codes, `0...2^bits − 1`: for what comes out of a ReLU.
  public static func unsigned(bits: Int) -> QuantizationRange {
    precondition((1...24).contains(bits), "unsigned quantisation takes 1 to 24 bits, got \(bits)")
    return QuantizationRange(lower: 0, upper: (1 << bits) - 1)
  }

  /// Whether there are negative codes.
  public var isSigned: Bool { lower < 0 }
}
