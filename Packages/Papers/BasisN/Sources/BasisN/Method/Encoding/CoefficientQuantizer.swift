/// Which integers a coefficient may be.
public enum CoefficientSet: String, Sendable, Hashable, Codable, CaseIterable {
  /// Sign and magnitude: `-(2^(b-1) - 1)…2^(b-1) - 1`.
  case uniform
  /// 0 and `±2^e` with `e` in `0…b - 2`: shifts only, one analog job per coefficient.
  case powerOfTwo
  /// −1, 0, 1.
  case ternary
}

/// Rounds a coefficient, given in units of its slice's step, to an integer of the set.
public struct CoefficientQuantizer: Sendable, Hashable, Codable {
  /// Which integers.
  public let set: CoefficientSet
  /// Bits, sign included.
  public let bits: Int

  /// Creates a quantiser.
  public init(set: CoefficientSet, bits: Int) {
    self.set = set
    self.bits = bits
  }

  /// Largest magnitude.
  public var maximum: Int {
    switch set {
    case .uniform: (1 << (bits - 1)) - 1
    case .powerOfTwo: 1 << (bits - 2)
    case .ternary: 1
    }
  }

  /// Bits of the magnitude: the number of jobs a kernel slice may need.
  public var magnitudeBits: Int {
    switch set {
    case .uniform, .powerOfTwo: bits - 1
    case .ternary: 1
    }
  }

  /// The nearest member of the set; halves round away from zero, and what is not a number becomes 0.
  public func round(_ x: Float) -> Int {
    guard !x.isNaN else { return 0 }
    let limit = Float(maximum)
    let magnitude = Swift.min(abs(x), limit)
    let rounded: Int
    switch set {
    case .uniform, .ternary:
      rounded = Int(magnitude.rounded(.toNearestOrAwayFromZero))
    case .powerOfTwo:
      if magnitude < 0.5 {
        rounded = 0
      } else {
        let lower = 1 << Swift.max(0, Int(magnitude.exponent))
        rounded = magnitude >= 1.5 * Float(lower) ? 2 * lower : lower
      }
    }
    return x < 0 ? -rounded : rounded
  }

  /// The step of a slice: of `fractions · max|c| / maximum`, the one with the smallest squared rounding error.
  /// - Returns: a positive number; 1 when all coefficients are zero.
  public func step(for coefficients: some Collection<Float>) -> Float {
    let largest = coefficients.reduce(Float(0)) { Swift.max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return 1 }
    var best = (error: Double.infinity, step: Float(1))
    for candidate in 0...12 {
      let step = largest * (0.4 + 0.05 * Float(candidate)) / Float(maximum)
      guard step > 0 else { continue }
      let error = coefficients.reduce(0.0) { sum, value in
        let difference = Double(value - step * Float(round(value / step)))
        return sum + difference * difference
      }
      if error < best.error { best = (error, step) }
    }
    return best.step
  }
}
