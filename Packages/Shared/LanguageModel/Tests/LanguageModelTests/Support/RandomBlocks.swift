import LanguageModel
import TinyTensor

/// Matrices of random bits in any format, with finite scales.
enum RandomBlocks {
  static func matrix(
    _ type: TensorType, rows: Int, columns: Int, using random: inout Philox
  ) -> QuantizedMatrix {
    let blocks = rows * (columns / type.blockSize)
    var bytes = (0..<blocks * type.bytesPerBlock).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    // Clearing a bit of the exponents keeps scales and weights finite.
    let exponentBytes: [Int] =
      switch type {
      case .f32: [3]
      case .f16, .bf16, .q4_0, .q5_0, .q8_0: [1]
      case .q4_1, .q5_1, .q4_K, .q5_K: [1, 3]
      case .q6_K: [209]
      }
    for block in 0..<blocks {
      for byte in exponentBytes { bytes[block * type.bytesPerBlock + byte] &= 0xbf }
    }
    return QuantizedMatrix(copying: bytes, type: type, rows: rows, columns: columns)
  }
}

extension RandomBlocks {
  /// Random blocks with scales of about 1/100, so that a model of them computes reasonable numbers.
  static func small(
    _ type: TensorType, rows: Int, columns: Int, using random: inout Philox
  ) -> QuantizedMatrix {
    let blocks = rows * (columns / type.blockSize)
    var bytes = (0..<blocks * type.bytesPerBlock).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let scaleOffsets: [Int] =
      switch type {
      case .q6_K: [208]
      case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
      default: [0]
      }
    for block in 0..<blocks {
      for offset in scaleOffsets {
        let isSuper = type.blockSize == 256
        let value = (random.uniform() - 0.5) * (isSuper ? 1e-4 : 2e-2)
        let bits = HalfPrecision.encodeFloat16(value)
        bytes[block * type.bytesPerBlock + offset] = UInt8(bits & 255)
        bytes[block * type.bytesPerBlock + offset + 1] = UInt8(bits >> 8)
      }
    }
    return QuantizedMatrix(copying: bytes, type: type, rows: rows, columns: columns)
  }
}
