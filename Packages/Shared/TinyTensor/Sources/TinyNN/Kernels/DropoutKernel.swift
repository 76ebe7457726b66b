import TinyTensor

/// Random masks and their application.
enum DropoutKernel {
  /// 0 with the given probability, `1 / (1 − probability)` otherwise.
  ///
  /// Takes one draw from the generator as the seed of a stream of its own, in which four elements share a block: so the mask
  /// can be filled in parallel.
  static func mask(_ shape: [Int], probability: Float, using generator: inout Philox) -> Tensor {
    let seed = generator.next()
    let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    let threshold = UInt32((probability * 0x1p24).rounded())
    let scale = 1 / (1 - probability)
    var mask = Tensor(uninitialized: shape)
    mask.withUnsafeMutableBufferPointer { buffer in
      guard let output = buffer.baseAddress else { return }
      let count = buffer.count
      parallelRanges((count + 3) / 4, grain: 2048) { blocks in
        for block in blocks {
          let counter = SIMD4(UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0, 0)
          let words = Philox.block(counter: counter, key: key) &>> 8
          for lane in 0..<min(4, count - 4 * block) {
            output[4 * block + lane] = words[lane] < threshold ? 0 : scale
          }
        }
      }
    }
    return mask
  }

  /// Multiplies entry `i` of the first dimension by `factors[i]`.
  static func scaledEntries(_ x: Tensor, by factors: Tensor) -> Tensor {
    var result = x
    let width = x.count / factors.count
    result.withUnsafeMutableBufferPointer { target in
      factors.withUnsafeBufferPointer { factors in
        guard let output = target.baseAddress else { return }
        RowKernel.forEachRow(factors.count, width: width) { row in
          let factor = factors[row]
          for column in row * width..<(row + 1) * width { output[column] *= factor }
        }
      }
    }
    return result
  }
}
