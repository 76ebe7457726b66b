import TinyTensor

/// Cosines and sines for the rows of a pass, laid out for the kernel: per row `headSize` factors for the element itself and
/// `headSize` signed factors for its partner.
struct RotaryTable {
  let embedding: RotaryEmbedding
  let rows: Int
  private let factors: Tensor

  /// The table for one position per row.
  init(_ embedding: RotaryEmbedding, positions: [Int32]) {
    self.embedding = embedding
    rows = positions.count
    let size = embedding.headSize
    var factors = Tensor(uninitialized: [positions.count, 2 * size])
    factors.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for (row, position) in positions.enumerated() {
        let own = base + row * 2 * size
        if row > 0 && position == positions[row - 1] {
          own.update(from: own - 2 * size, count: 2 * size)
          continue
        }
        let (cosine, sine) = embedding.angles(at: Int(position))
        for index in 0..<size / 2 {
          let (first, second) = embedding.pair(index)
          own[first] = cosine[index]
          own[second] = cosine[index]
          own[size + first] = -sine[index]
          own[size + second] = sine[index]
        }
      }
    }
    self.factors = factors
  }

  /// Rotates `heads` heads of every row in place.
  func rotate(_ x: Rows, heads: Int) {
    factors.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      RowKernels.parallelRows(x.count, width: 2 * x.width) { row in
        let own = base + row * 2 * embedding.headSize
        for head in 0..<heads {
          RotaryKernel.rotate(
            x[row] + head * embedding.headSize, pairing: embedding.pairing, own: own, partner: own + embedding.headSize,
            size: embedding.headSize)
        }
      }
    }
  }
}

enum RotaryKernel {
  /// `x[i] ← x[i] · own[i] + x[partner of i] · partner[i]`.
  @inline(__always)
  static func rotate(
    _ x: UnsafeMutablePointer<Float>, pairing: RopePairing, own: UnsafePointer<Float>,
    partner: UnsafePointer<Float>, size: Int
  ) {
    switch pairing {
    case .interleaved:
      for start in stride(from: 0, to: size, by: 8) {
        let value = load8(x + start)
        let swapped = Float8(
          value[1], value[0], value[3], value[2], value[5], value[4], value[7], value[6])
        store8(multiplyAdd(value * load8(own + start), swapped, load8(partner + start)), x + start)
      }
    case .halfSplit:
      let half = size / 2
      forEachEight(half) { start, lanes in
        let first = loadUpTo8(x + start, lanes)
        let second = loadUpTo8(x + half + start, lanes)
        let newFirst = multiplyAdd(
          first * loadUpTo8(own + start, lanes), second, loadUpTo8(partner + start, lanes))
        let newSecond = multiplyAdd(
          second * loadUpTo8(own + half + start, lanes), first, loadUpTo8(partner + half + start, lanes))
        storeUpTo8(newFirst, x + start, lanes)
        storeUpTo8(newSecond, x + half + start, lanes)
      }
    }
  }
}
