import TinyTensor

/// One bit per activation: whether it is positive.
struct BinaryCodes {
  private typealias Lanes = SIMD8<Float>
  private typealias Words = SIMD8<UInt32>

  /// Numbers that fill the bits of one vector of words.
  private static let chunk = 256

  private let rows: Int
  /// Bits of a row, and the vectors that hold them; bits beyond the width are 0 in every row.
  private let width: Int
  private let chunks: Int
  private let words: [SIMD8<UInt32>]

  /// The codes of a batch `[batch, …]`. The order of the bits is the same in every row, and not that of the activations.
  init(_ activations: Tensor) {
    let rows = activations.shape[0]
    let width = activations.count / max(1, rows)
    let chunks = (width + Self.chunk - 1) / Self.chunk
    self.rows = rows
    self.width = width
    self.chunks = chunks
    words = Array(unsafeUninitializedCapacity: rows * chunks) { words, initialized in
      activations.withUnsafeBufferPointer { values in
        parallelFor(rows) { row in
          for chunk in 0..<chunks {
            let start = chunk * Self.chunk
            words[row * chunks + chunk] = Self.pack(
              UnsafeBufferPointer(
                rebasing: values[(row * width + start)..<(row * width + min(start + Self.chunk, width))]))
          }
        }
      }
      initialized = rows * chunks
    }
  }

  /// Bit k of lane l: whether number 8k + l is positive.
  private static func pack(_ values: UnsafeBufferPointer<Float>) -> Words {
    var word = Words.zero
    if values.count == chunk {
      let bytes = UnsafeRawBufferPointer(values)
      for bit in 0..<32 {
        let lanes = bytes.loadUnaligned(fromByteOffset: 32 * bit, as: Lanes.self)
        word |= Words.zero.replacing(with: Words(repeating: 1 << UInt32(bit)), where: lanes .> Lanes.zero)
      }
    } else {
      for (index, value) in values.enumerated() where value > 0 { word[index % 8] |= 1 << UInt32(index / 8) }
    }
    return word
  }

  /// Adds, for every pair of rows, the number of bits that they share to a matrix `[rows, rows]`.
  func addAgreements(to matrix: inout [Int]) {
    words.withUnsafeBufferPointer { vectors in
      vectors.withMemoryRebound(to: UInt64.self) { words in
        let length = words.count / max(1, rows)
        matrix.withUnsafeMutableBufferPointer { matrix in
          // Each index owns its row on and above the diagonal, and the mirrored column below it.
          parallelFor(rows) { first in
            for second in first..<rows {
              var differing = 0
              for word in 0..<length {
                differing += (words[first * length + word] ^ words[second * length + word]).nonzeroBitCount
              }
              matrix[first * rows + second] += width - differing
              if first != second { matrix[second * rows + first] += width - differing }
            }
          }
        }
      }
    }
  }
}
