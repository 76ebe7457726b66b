/// What a memory cell can be programmed to, in microsiemens.
public struct CellModel: Sendable, Hashable, Codable {
  /// Bits (g).
  public var bits: Int
  /// Resistance of the highest level, in ohms.
  public var onResistance: Double
  /// Resistance of level 0, in ohms.
  public var offResistance: Double

  /// Creates a model.
  public init(bits: Int = 4, onResistance: Double = 10e3, offResistance: Double = 1e6) {
    self.bits = bits
    self.onResistance = onResistance
    self.offResistance = offResistance
  }

  /// Checks the fields.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)``.
  public func validate() throws(BasisNError) {
    try require((1...6).contains(bits), "cellBits", bits, "1…6")
    try require(onResistance > 0 && onResistance.isFinite, "onResistance", onResistance, "a positive number of ohms")
    try require(
      offResistance > onResistance && offResistance.isFinite, "offResistance", offResistance,
      "more than onResistance, \(onResistance) ohms")
  }

  /// Conductance of level 0.
  public var minimum: Double { 1e6 / offResistance }
  /// Conductance of the highest level.
  public var maximum: Double { 1e6 / onResistance }
  /// Highest level.
  public var levels: Int { (1 << bits) - 1 }
  /// Conductance between neighbouring levels.
  public var step: Double { (maximum - minimum) / Double(levels) }
  /// Conductance of a level.
  public func conductance(_ level: Int) -> Double { minimum + Double(level) * step }
}
