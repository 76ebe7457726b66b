import TinyTensor

extension Lanes {
  /// Each lane limited to `low...high`; NaN stays NaN.
  @inline(__always)
  func limited(_ low: Float, _ high: Float) -> Lanes {
    replacing(with: low, where: self .< low).replacing(with: high, where: self .> high)
  }

  /// The absolute values.
  @inline(__always)
  var magnitudes: Lanes {
    unsafeBitCast(unsafeBitCast(self, to: SIMD16<UInt32>.self) & 0x7fff_ffff, to: Lanes.self)
  }

  /// −1, 0 or 1.
  @inline(__always)
  var signs: Lanes { Lanes.one(where: self .> 0) - Lanes.one(where: self .< 0) }

  /// 1 where the mask holds, 0 elsewhere.
  @inline(__always)
  static func one(where mask: SIMDMask<SIMD16<Int32>>) -> Lanes { Lanes().replacing(with: 1, where: mask) }
}

extension UnsafePointer<Float> {
  /// Sixteen floats from `offset` on. At the end of a tensor this may reach into the slack behind its buffer.
  @inline(__always)
  func lanes(_ offset: Int) -> Lanes { UnsafeRawPointer(self + offset).loadUnaligned(as: Lanes.self) }
}

extension UnsafeMutablePointer<Float> {
  /// Sixteen floats from `offset` on. At the end of a tensor this may reach into the slack behind its buffer.
  @inline(__always)
  func lanes(_ offset: Int) -> Lanes { UnsafePointer(self).lanes(offset) }

  /// Writes sixteen floats from `offset` on, or fewer if `end` comes before.
  @inline(__always)
  func store(_ lanes: Lanes, at offset: Int, end: Int) {
    if offset + Lanes.scalarCount <= end {
      UnsafeMutableRawPointer(self + offset).storeBytes(of: lanes, as: Lanes.self)
    } else {
      for lane in 0..<end - offset { self[offset + lane] = lanes[lane] }
    }
  }
}
