/// An analog-to-digital converter: signed, rounding halves away from zero, clipping at its range.
public struct ConverterConfiguration: Sendable, Hashable, Codable {
  /// What the converter's largest code stands for.
  public enum Range: Sendable, Hashable, Codable {
    /// The largest sum that the columns can carry at all.
    case fullScale
    /// A percentile of the sums' magnitudes on calibration images.
    case calibrated(percentile: Double)
    /// A number of level · input units.
    case explicit(Double)
  }

  /// Bits, sign included.
  public var bits: Int
  /// Range.
  public var range: Range

  /// Creates a converter; the range is calibrated by default.
  public init(bits: Int = 8, range: Range = .calibrated(percentile: 99.9)) {
    self.bits = bits
    self.range = range
  }

  /// Checks the fields.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)``.
  public func validate() throws(BasisNError) {
    try require((2...16).contains(bits), "converter bits", bits, "2…16")
    switch range {
    case .fullScale: break
    case .calibrated(let percentile):
      try require(percentile > 0 && percentile <= 100, "converter percentile", percentile, "above 0, at most 100")
    case .explicit(let value):
      try require(value > 0 && value.isFinite, "converter range", value, "a positive number")
    }
  }

  /// Largest code.
  public var maximumCode: Int { (1 << (bits - 1)) - 1 }

  /// Sum per code for a range.
  func step(range: Float) -> Float { range > 0 ? range / Float(maximumCode) : 1 }
}
