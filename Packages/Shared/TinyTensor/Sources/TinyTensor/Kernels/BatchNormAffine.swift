/// Batch normalisation as the map `x · scale + shift` per channel. Forward and backward pass take it from here, so that the
/// backward pass finds the very number that the forward pass gave to the activation.
enum BatchNormAffine {
  /// Lends scale and shift, repeated over one period of the pattern.
  @inline(__always)
  static func with(
    _ pattern: ChannelPattern, mean: UnsafePointer<Float>, inverse: UnsafePointer<Float>, weight: UnsafePointer<Float>?,
    bias: UnsafePointer<Float>?, _ body: (_ scale: UnsafePointer<Float>, _ shift: UnsafePointer<Float>) -> Void
  ) {
    withScratch(Float.self, count: 2 * pattern.period) { affine in
      let shift = affine + pattern.period
      let scale = { (channel: Int) in inverse[channel] * (weight?[channel] ?? 1) }
      pattern.fill(affine, scale)
      pattern.fill(shift) { (bias?[$0] ?? 0) - mean[$0] * scale($0) }
      body(affine, shift)
    }
  }

  /// `x · scale + shift + residual` for eight numbers: what the activation is applied to.
  @inline(__always)
  static func value(
    _ x: UnsafePointer<Float>, _ offset: Int, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, lane: Int,
    residual: UnsafePointer<Float>?
  ) -> SIMD8<Float> {
    let value: SIMD8<Float> = multiplyAdd(loadRow(shift + lane), loadRow(x + offset), loadRow(scale + lane))
    guard let residual else { return value }
    return value + loadRow(residual + offset)
  }
}
