import Synchronization
import TinyTensor

/// Looks for scales and weights that are NaN or infinite, at memory speed.
enum FiniteCheck {
  /// The index of the first block, in row-major order, with a scale, offset or weight that is not finite.
  static func firstBadBlock(in matrix: QuantizedMatrix) -> Int? {
    let blocks = matrix.rows * (matrix.columns / matrix.type.blockSize)
    let pieceLength = 1 << 16
    let first = Atomic<Int>(Int.max)
    matrix.withUnsafeBytes { bytes in
      parallelFor((blocks + pieceLength - 1) / pieceLength) { piece in
        let range = piece * pieceLength..<min(blocks, (piece + 1) * pieceLength)
        if let bad = firstBadBlock(matrix.type, bytes, range) { first.min(bad, ordering: .relaxed) }
      }
    }
    let bad = first.load(ordering: .relaxed)
    return bad == Int.max ? nil : bad
  }

  private static func firstBadBlock(_ type: TensorType, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
    switch type {
    case .f32: first(range, bytes, stride: 4, as: UInt32.self, exponent: 0x7f80_0000, second: nil)
    case .f16: first(range, bytes, stride: 2, as: UInt16.self, exponent: 0x7c00, second: nil)
    case .bf16: first(range, bytes, stride: 2, as: UInt16.self, exponent: 0x7f80, second: nil)
    case .q8_0, .q4_0, .q5_0:
      first(range, bytes, stride: type.bytesPerBlock, as: UInt16.self, exponent: 0x7c00, second: nil)
    case .q4_1, .q5_1, .q4_K, .q5_K:
      first(range, bytes, stride: type.bytesPerBlock, as: UInt16.self, exponent: 0x7c00, second: 2)
    case .q6_K: first(range, bytes, stride: 210, at: 208, as: UInt16.self, exponent: 0x7c00, second: nil)
    }
  }

  /// The first block whose number at `position`, or at `second`, has all exponent bits set. First all blocks without a
  /// branch.
  private static func first<Bits: FixedWidthInteger>(
    _ range: Range<Int>, _ bytes: UnsafeRawBufferPointer, stride: Int, at position: Int = 0, as: Bits.Type,
    exponent: Bits, second: Int?
  ) -> Int? {
    func hasFullExponent(_ offset: Int) -> Bool {
      Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Bits.self)) & exponent == exponent
    }
    func isBad(_ block: Int) -> Bool {
      let start = block * stride
      let first = hasFullExponent(start + position)
      return second.map { hasFullExponent(start + $0) || first } ?? first
    }
    var bad = 0
    for block in range { bad &+= isBad(block) ? 1 : 0 }
    return bad == 0 ? nil : range.first(where: isBad)
  }
}
