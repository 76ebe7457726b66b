import TinyTensor

/// Quantises rows of weights to the block formats that this package writes.
enum BlockEncoder {
  /// Whether the format can be written.
  static func canEncode(_ type: TensorType) -> Bool {
    switch type {
    case .f32, .f16, .bf16, .q8_0, .q4_0, .q4_1, .q5_0, .q5_1: true
    case .q4_K, .q5_K, .q6_K: false
    }
  }

  /// Quantises one row.
  ///
  /// - Returns: The column of the first weight that is not finite or does not fit, or nil when all is well.
  static func encode(
    _ type: TensorType, _ weights: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawBufferPointer
  ) -> Int? {
    if let column = weights.firstIndex(where: { !$0.isFinite }) { return column }
    for block in 0..<weights.count / type.blockSize {
      let first = block * type.blockSize
      let values = UnsafeBufferPointer(rebasing: weights[first..<first + type.blockSize])
      let start = block * type.bytesPerBlock
      let output = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + type.bytesPerBlock])
      if !encodeBlock(type, values, output) { return first + largest(values) }
    }
    return nil
  }

  private static func encodeBlock(
    _ type: TensorType, _ values: UnsafeBufferPointer<Float>, _ output: UnsafeMutableRawBufferPointer
  ) -> Bool {
    switch type {
    case .f32: output.storeBytes(of: values[0].bitPattern.littleEndian, as: UInt32.self)
    case .bf16:
      let bits = HalfPrecision.encodeBFloat16(values[0])
      output.storeBytes(of: bits.littleEndian, as: UInt16.self)
      return bits & 0x7f80 != 0x7f80
    case .f16: return storeHalf(values[0], in: output, at: 0)
    case .q8_0: return encodeQ8(values, output)
    case .q4_0: return encodeSymmetric(values, output, bits: 4)
    case .q5_0: return encodeSymmetric(values, output, bits: 5)
    case .q4_1: return encodeAffine(values, output, bits: 4)
    case .q5_1: return encodeAffine(values, output, bits: 5)
    case .q4_K, .q5_K, .q6_K: return false
    }
    return true
  }

  /// d = max|w| / 127, q = round(w / d).
  private static func encodeQ8(_ values: UnsafeBufferPointer<Float>, _ output: UnsafeMutableRawBufferPointer) -> Bool {
    let scale = abs(values[largest(values)]) / 127
    let inverse = reciprocal(scale)
    for (index, value) in values.enumerated() {
      let quant = Int8(max(-128, min(127, (value * inverse).rounded(.toNearestOrAwayFromZero))))
      output[2 + index] = UInt8(bitPattern: quant)
    }
    return storeHalf(scale, in: output, at: 0)
  }

  /// d = −(weight of largest magnitude) / 2^(bits−1), so that this weight is met exactly; q = w/d + 2^(bits−1).
  private static func encodeSymmetric(
    _ values: UnsafeBufferPointer<Float>, _ output: UnsafeMutableRawBufferPointer, bits: Int
  ) -> Bool {
    let middle = Float(1 << (bits - 1))
    let scale = values[largest(values)] / -middle
    let inverse = reciprocal(scale)
    pack(values, output, at: 2, bits: bits) { $0 * inverse + middle + 0.5 }
    return storeHalf(scale, in: output, at: 0)
  }

  /// m = min w, d = (max w − m) / (2^bits − 1); q = (w − m) / d.
  private static func encodeAffine(
    _ values: UnsafeBufferPointer<Float>, _ output: UnsafeMutableRawBufferPointer, bits: Int
  ) -> Bool {
    let minimum = values.min() ?? 0
    let scale = ((values.max() ?? 0) - minimum) / Float((1 << bits) - 1)
    let inverse = reciprocal(scale)
    pack(values, output, at: 4, bits: bits) { ($0 - minimum) * inverse + 0.5 }
    return storeHalf(scale, in: output, at: 0) && storeHalf(minimum, in: output, at: 2)
  }

  /// Stores 4- or 5-bit integers: for five bits first the 32 fifth bits, then nibbles (weight i low, weight i + 16
  /// high).
  private static func pack(
    _ values: UnsafeBufferPointer<Float>, _ output: UnsafeMutableRawBufferPointer, at start: Int, bits: Int,
    _ quantize: (Float) -> Float
  ) {
    var fifth: UInt32 = 0
    let nibbles = bits == 5 ? start + 4 : start
    let limit = Float((1 << bits) - 1)
    for index in 0..<16 {
      let low = UInt32(max(0, min(limit, quantize(values[index]))))
      let high = UInt32(max(0, min(limit, quantize(values[index + 16]))))
      output[nibbles + index] = UInt8(low & 15 | (high & 15) << 4)
      fifth |= (low >> 4) << UInt32(index) | (high >> 4) << UInt32(index + 16)
    }
    if bits == 5 { output.storeBytes(of: fifth.littleEndian, toByteOffset: start, as: UInt32.self) }
  }

  private static func largest(_ values: UnsafeBufferPointer<Float>) -> Int {
    var best = 0
    for index in values.indices where abs(values[index]) > abs(values[best]) { best = index }
    return best
  }

  /// 1 / scale, and 0 where that is no number: for a block of zeros, or of weights so small that nothing can be kept.
  private static func reciprocal(_ scale: Float) -> Float {
    let inverse = 1 / scale
    return inverse.isFinite ? inverse : 0
  }

  private static func storeHalf(_ value: Float, in output: UnsafeMutableRawBufferPointer, at position: Int) -> Bool {
    let bits = HalfPrecision.encodeFloat16(value)
    output.storeBytes(of: bits.littleEndian, toByteOffset: position, as: UInt16.self)
    return bits & 0x7c00 != 0x7c00
  }
}
