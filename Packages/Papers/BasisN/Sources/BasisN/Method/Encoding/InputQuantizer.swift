/// How the inputs of a layer become the unsigned integers that drive the word lines.
///
/// Inputs after a ReLU use the zero point 0. Signed inputs are shifted by ``zeroPoint``; what the shift adds to an output is
/// known in advance and subtracted digitally.
public struct InputQuantizer: Sendable, Hashable, Codable {
  /// Input per integer step.
  public let scale: Float
  /// The integer that stands for an input of 0.
  public let zeroPoint: Int
  /// Bits (a).
  public let bits: Int

  /// Creates a quantiser.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)``.
  public init(scale: Float, zeroPoint: Int = 0, bits: Int = 8) throws(BasisNError) {
    try require((1...8).contains(bits), "activation bits", bits, "1…8")
    try require(scale > 0 && scale.isFinite, "activation scale", scale, "a positive number")
    try require((0..<(1 << bits)).contains(zeroPoint), "activation zero point", zeroPoint, "0…\((1 << bits) - 1)")
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.bits = bits
  }

  /// Chosen so that `lower…upper` is just covered.
  public init(covering lower: Float, _ upper: Float, bits: Int = 8) throws(BasisNError) {
    let largest = Float((1 << bits) - 1)
    let low = min(lower, 0)
    let high = max(upper, 0)
    let scale = high - low > 0 ? (high - low) / largest : 1
    try self.init(scale: scale, zeroPoint: Int((-low / scale).rounded()), bits: bits)
  }

  /// Largest integer.
  public var maximum: Int { (1 << bits) - 1 }

  /// The integer for an input.
  public func quantize(_ x: Float) -> Float {
    max(0, min(Float(maximum), (x / scale).rounded(.toNearestOrEven) + Float(zeroPoint)))
  }
}
