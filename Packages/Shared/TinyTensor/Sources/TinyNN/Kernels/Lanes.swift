/// The vector unit of the kernels here: eight floats, two registers without AVX.
typealias Lanes = SIMD8<Float>

extension UnsafePointer<Float> {
  /// Eight floats from `offset` on, without alignment requirement.
  @inline(__always)
  func lanes(_ offset: Int) -> Lanes { UnsafeRawPointer(self + offset).loadUnaligned(as: Lanes.self) }

  /// `count` < 8 floats from `offset` on; the other lanes are `filler`.
  @inline(__always)
  func partialLanes(_ offset: Int, count: Int, filler: Float = 0) -> Lanes {
    var result = Lanes(repeating: filler)
    for lane in 0..<count { result[lane] = self[offset + lane] }
    return result
  }
}

extension UnsafeMutablePointer<Float> {
  /// Writes eight floats from `offset` on.
  @inline(__always)
  func store(_ lanes: Lanes, at offset: Int) {
    UnsafeMutableRawPointer(self + offset).storeBytes(of: lanes, as: Lanes.self)
  }

  /// Writes the first `count` lanes.
  @inline(__always)
  func store(_ lanes: Lanes, at offset: Int, count: Int) {
    for lane in 0..<count { self[offset + lane] = lanes[lane] }
  }
}

extension Lanes {
  /// Each lane limited to `range`; NaN stays NaN.
  @inline(__always)
  func limited(_ low: Float, _ high: Float) -> Lanes {
    replacing(with: low, where: self .< low).replacing(with: high, where: self .> high)
  }

  /// Applies a scalar function lane by lane.
  @inline(__always)
  func perLane(_ function: (Float) -> Float) -> Lanes {
    var result = self
    for lane in 0..<Lanes.scalarCount { result[lane] = function(self[lane]) }
    return result
  }

  /// The absolute values.
  @inline(__always)
  var magnitudes: Lanes {
    unsafeBitCast(unsafeBitCast(self, to: SIMD8<UInt32>.self) & 0x7fff_ffff, to: Lanes.self)
  }
}
