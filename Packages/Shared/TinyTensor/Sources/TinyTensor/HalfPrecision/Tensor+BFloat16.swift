extension Tensor {
  /// Every element rounded to the nearest bfloat16 number (ties to even), still stored as `Float`; NaN stays NaN.
  ///
  /// A product of two such elements is exact in `Float`, so a `Float` kernel fed with them computes what hardware with bfloat16
  /// operands and `Float` sums computes, up to the order of the additions.
  public func roundedToBFloat16() -> Tensor {
    mapLanes { x in
      let bits = unsafeBitCast(x, to: SIMD16<UInt32>.self)
      let halfway = SIMD16<UInt32>(repeating: 0x7fff) &+ (bits &>> 16 & SIMD16(repeating: 1))
      let rounded = unsafeBitCast((bits &+ halfway) & SIMD16(repeating: 0xffff_0000), to: Lanes.self)
      return rounded.replacing(with: x, where: x .!= x)
    }
  }
}
