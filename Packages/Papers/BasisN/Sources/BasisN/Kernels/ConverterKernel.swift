import TinyTensor

/// Analog-to-digital conversion of many sums at once.
enum ConverterKernel {
  /// Replaces each value by `clamp(round(value / step)) · step`, halves away from zero.
  /// - Returns: how many values were clipped.
  static func convert(_ values: UnsafeMutablePointer<Float>, count: Int, step: Float, maximumCode: Int) -> Int {
    let inverse = 1 / step
    let limit = Float(maximumCode)
    var clipped = 0
    var index = 0
    var clippedLanes = SIMD16<Int32>.zero
    while index + 16 <= count {
      let x = UnsafeRawPointer(values + index).loadUnaligned(as: SIMD16<Float>.self) * SIMD16(repeating: inverse)
      let (code, isClipped) = lanes(x, limit: limit)
      clippedLanes &-= unsafeBitCast(isClipped, to: SIMD16<Int32>.self)
      UnsafeMutableRawPointer(values + index).storeBytes(of: code * SIMD16(repeating: step), as: SIMD16<Float>.self)
      index += 16
    }
    clipped += Int(clippedLanes.wrappedSum())
    while index < count {
      let code = roundAwayFromZero(values[index] * inverse)
      if abs(code) > limit { clipped += 1 }
      values[index] = max(-limit, min(limit, code)) * step
      index += 1
    }
    return clipped
  }

  /// Rounds and clips 16 numbers.
  @inline(__always)
  static func lanes(_ x: SIMD16<Float>, limit: Float) -> (SIMD16<Float>, SIMDMask<SIMD16<Int32>>) {
    let magic = SIMD16<Float>(repeating: 8_388_608)
    let top = SIMD16<Float>(repeating: limit)
    let isNegative = x .< SIMD16<Float>.zero
    let magnitude = x.replacing(with: -x, where: isNegative) + SIMD16(repeating: 0.5)
    let bounded = magnitude.replacing(with: magic, where: magnitude .> magic)
    // Adding 2²³ rounds to the nearest integer; where that went up, one less is the floor.
    let nearest = (bounded + magic) - magic
    let floor = nearest.replacing(with: nearest - SIMD16(repeating: 1), where: nearest .> bounded)
    let isClipped = floor .> top
    let code = floor.replacing(with: top, where: isClipped)
    return (code.replacing(with: -code, where: isNegative), isClipped)
  }

  /// Rounds one number, halves away from zero.
  @inline(__always)
  static func roundAwayFromZero(_ x: Float) -> Float {
    let magnitude = (abs(x) + 0.5).rounded(.down)
    return x < 0 ? -magnitude : magnitude
  }
}
