import LanguageModelShims
import TinyTensor

/// Products of quantised panels with quantised activations: integer sums within a block, floats between blocks.
///
/// For every output element the arithmetic is `acc = fma(float(Σ q·x), d·s, acc); acc = fma(m, Σ, acc)` over the blocks in order,
/// however many rows of activations there are; so a result never depends on how tokens are grouped.
enum IntegerKernel {
  /// Bytes of scratch for one unpacked tile of nibbles: 32 columns × 16 rows per block and four vectors of scales.
  static func unpackedBytes(_ matrix: PackedMatrix) -> Int { matrix.blockCount * (512 + 4 * 32) }

  /// Asks for the weights of one block of the next tile. The two panels of a tile are two short streams, which the hardware's own
  /// prefetcher picks up too late: where reading the weights is the cost, they are asked for one tile ahead.
  @inline(__always)
  private static func prefetch(_ matrix: PackedMatrix, tile: Int, block: Int) {
    let bytes = 2 * matrix.blockBytes
    var line = matrix.panel(2 * tile + 2) + block * bytes
    let end = line + bytes
    while line < end {
      lm_prefetch(line)
      line += 64
    }
  }

  /// One tile (16 outputs) of a nibble matrix times one row of activations, straight from the packed form.
  @inline(__always)
  static func nibbleVector(
    _ matrix: PackedMatrix, tile: Int, codes: UnsafePointer<Int8>, scales: UnsafePointer<Float>,
    sums: UnsafePointer<Float>
  ) -> (Float8, Float8) {
    var first = matrix.panel(2 * tile)
    var second = matrix.panel(2 * tile + 1)
    let step = matrix.blockBytes
    let scaleBytes = matrix.scaleBytes
    let wide = matrix.wideScales
    var result0 = Float8.zero
    var result1 = Float8.zero
    var x = codes
    for block in 0..<matrix.blockCount {
      prefetch(matrix, tile: tile, block: block)
      var sum0 = lm_block_sum()
      var sum1 = lm_block_sum()
      for group in 0..<4 {
        let low = lm_broadcast4(x + 4 * group)
        let high = lm_broadcast4(x + 16 + 4 * group)
        let bytes0 = lm_load_bytes(first + 32 * group)
        let bytes1 = lm_load_bytes(second + 32 * group)
        sum0 = lm_block_add(sum0, lm_low_nibbles(bytes0), low)
        sum1 = lm_block_add(sum1, lm_low_nibbles(bytes1), low)
        sum0 = lm_block_add(sum0, lm_high_nibbles(bytes0), high)
        sum1 = lm_block_add(sum1, lm_high_nibbles(bytes1), high)
      }
      let scale = Float8(repeating: scales[block])
      let total = Float8(repeating: sums[block])
      let dot0 = lm_to_float(lm_block_total(sum0))
      let dot1 = lm_to_float(lm_block_total(sum1))
      result0 = multiplyAdd(result0, dot0, PackedMatrix.scales(first + 128, wide: wide) * scale)
      result1 = multiplyAdd(result1, dot1, PackedMatrix.scales(second + 128, wide: wide) * scale)
      result0 = multiplyAdd(result0, PackedMatrix.scales(first + 128 + scaleBytes, wide: wide), total)
      result1 = multiplyAdd(result1, PackedMatrix.scales(second + 128 + scaleBytes, wide: wide), total)
      first += step
      second += step
      x += 32
    }
    return (result0, result1)
  }

  /// One tile of a byte matrix times one row of activations.
  @inline(__always)
  static func byteVector(
    _ matrix: PackedMatrix, tile: Int, codes: UnsafePointer<Int8>, scales: UnsafePointer<Float>,
    sums: UnsafePointer<Float>
  ) -> (Float8, Float8) {
    var first = matrix.panel(2 * tile)
    var second = matrix.panel(2 * tile + 1)
    let step = matrix.blockBytes
    let scaleBytes = matrix.scaleBytes
    let wide = matrix.wideScales
    var result0 = Float8.zero
    var result1 = Float8.zero
    var x = codes
    for block in 0..<matrix.blockCount {
      prefetch(matrix, tile: tile, block: block)
      var sum0 = SIMD8<Int32>.zero
      var sum1 = SIMD8<Int32>.zero
      for group in 0..<8 {
        let activations = lm_broadcast4(x + 4 * group)
        sum0 = lm_signed_dot(sum0, lm_as_signed(lm_load_bytes(first + 32 * group)), activations)
        sum1 = lm_signed_dot(sum1, lm_as_signed(lm_load_bytes(second + 32 * group)), activations)
      }
      let scale = Float8(repeating: scales[block])
      result0 = multiplyAdd(result0, lm_to_float(sum0), PackedMatrix.scales(first + 256, wide: wide) * scale)
      result1 = multiplyAdd(result1, lm_to_float(sum1), PackedMatrix.scales(second + 256, wide: wide) * scale)
      if matrix.hasMinima {
        let total = Float8(repeating: sums[block])
        result0 = multiplyAdd(result0, PackedMatrix.scales(first + 256 + scaleBytes, wide: wide), total)
        result1 = multiplyAdd(result1, PackedMatrix.scales(second + 256 + scaleBytes, wide: wide), total)
      }
      first += step
      second += step
      x += 32
    }
    return (result0, result1)
  }

  /// Unpacks one tile of nibbles for many rows of activations: per block 8 groups × 2 panels × 32 bytes in column order, then
  /// scales and minima of both panels as floats.
  static func unpack(_ matrix: PackedMatrix, tile: Int, into target: UnsafeMutablePointer<UInt8>) {
    var first = matrix.panel(2 * tile)
    var second = matrix.panel(2 * tile + 1)
    var output = UnsafeMutableRawPointer(target)
    for _ in 0..<matrix.blockCount {
      for group in 0..<4 {
        let bytes0 = lm_load_bytes(first + 32 * group)
        let bytes1 = lm_load_bytes(second + 32 * group)
        output.storeBytes(of: lm_low_nibbles(bytes0), toByteOffset: 64 * group, as: SIMD32<UInt8>.self)
        output.storeBytes(of: lm_low_nibbles(bytes1), toByteOffset: 64 * group + 32, as: SIMD32<UInt8>.self)
        output.storeBytes(of: lm_high_nibbles(bytes0), toByteOffset: 256 + 64 * group, as: SIMD32<UInt8>.self)
        output.storeBytes(of: lm_high_nibbles(bytes1), toByteOffset: 288 + 64 * group, as: SIMD32<UInt8>.self)
      }
      let wide = matrix.wideScales
      let minimum = 128 + matrix.scaleBytes
      output.storeBytes(of: PackedMatrix.scales(first + 128, wide: wide), toByteOffset: 512, as: Float8.self)
      output.storeBytes(of: PackedMatrix.scales(second + 128, wide: wide), toByteOffset: 544, as: Float8.self)
      output.storeBytes(of: PackedMatrix.scales(first + minimum, wide: wide), toByteOffset: 576, as: Float8.self)
      output.storeBytes(of: PackedMatrix.scales(second + minimum, wide: wide), toByteOffset: 608, as: Float8.self)
      output += 640
      first += matrix.blockBytes
      second += matrix.blockBytes
    }
  }

  /// One unpacked tile times four rows of activations.
  @inline(__always)
  static func unpackedTimesFour(
    _ tile: UnsafePointer<UInt8>, blocks: Int, codes: UnsafePointer<Int8>, scales: UnsafePointer<Float>,
    sums: UnsafePointer<Float>, width: Int, output: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    var r00 = Float8.zero, r01 = Float8.zero, r10 = Float8.zero, r11 = Float8.zero
    var r20 = Float8.zero, r21 = Float8.zero, r30 = Float8.zero, r31 = Float8.zero
    var source = tile
    var x = codes
    for block in 0..<blocks {
      var s00 = lm_block_sum(), s01 = lm_block_sum(), s10 = lm_block_sum(), s11 = lm_block_sum()
      var s20 = lm_block_sum(), s21 = lm_block_sum(), s30 = lm_block_sum(), s31 = lm_block_sum()
      for group in 0..<8 {
        let w0 = lm_load_bytes(source + 64 * group)
        let w1 = lm_load_bytes(source + 64 * group + 32)
        let a0 = lm_broadcast4(x + 4 * group)
        s00 = lm_block_add(s00, w0, a0)
        s01 = lm_block_add(s01, w1, a0)
        let a1 = lm_broadcast4(x + width + 4 * group)
        s10 = lm_block_add(s10, w0, a1)
        s11 = lm_block_add(s11, w1, a1)
        let a2 = lm_broadcast4(x + 2 * width + 4 * group)
        s20 = lm_block_add(s20, w0, a2)
        s21 = lm_block_add(s21, w1, a2)
        let a3 = lm_broadcast4(x + 3 * width + 4 * group)
        s30 = lm_block_add(s30, w0, a3)
        s31 = lm_block_add(s31, w1, a3)
      }
      let d0 = PackedMatrix.scales(source + 512, wide: true)
      let d1 = PackedMatrix.scales(source + 544, wide: true)
      let m0 = PackedMatrix.scales(source + 576, wide: true)
      let m1 = PackedMatrix.scales(source + 608, wide: true)
      finish(&r00, &r01, s00, s01, d0, d1, m0, m1, scales[block], sums[block])
      finish(&r10, &r11, s10, s11, d0, d1, m0, m1, scales[blocks + block], sums[blocks + block])
      finish(&r20, &r21, s20, s21, d0, d1, m0, m1, scales[2 * blocks + block], sums[2 * blocks + block])
      finish(&r30, &r31, s30, s31, d0, d1, m0, m1, scales[3 * blocks + block], sums[3 * blocks + block])
      source += 640
      x += 32
    }
    store8(r00, output)
    store8(r01, output + 8)
    store8(r10, output + outputStride)
    store8(r11, output + outputStride + 8)
    store8(r20, output + 2 * outputStride)
    store8(r21, output + 2 * outputStride + 8)
    store8(r30, output + 3 * outputStride)
    store8(r31, output + 3 * outputStride + 8)
  }

  @inline(__always)
  private static func finish(
    _ r0: inout Float8, _ r1: inout Float8, _ s0: lm_block_sum, _ s1: lm_block_sum, _ d0: Float8, _ d1: Float8,
    _ m0: Float8, _ m1: Float8, _ scale: Float, _ sum: Float
  ) {
    let scales = Float8(repeating: scale)
    let sums = Float8(repeating: sum)
    r0 = multiplyAdd(r0, lm_to_float(lm_block_total(s0)), d0 * scales)
    r1 = multiplyAdd(r1, lm_to_float(lm_block_total(s1)), d1 * scales)
    r0 = multiplyAdd(r0, m0, sums)
    r1 = multiplyAdd(r1, m1, sums)
  }
}
