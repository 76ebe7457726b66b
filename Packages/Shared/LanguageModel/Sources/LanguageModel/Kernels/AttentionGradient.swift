import TinyTensor

/// The gradient of attention over one block of keys and values in plain tensors; ``AttentionKernel`` computes the forward pass.
///
/// Query rows are taken in tiles; of the scores only one tile exists at a time, and slots that a whole tile does not see are never
/// touched, so that independent segments cost the sum of their squares.
struct AttentionGradient {
  static let tileRows = 32

  let heads: Int
  let kvHeads: Int
  let headSize: Int
  /// Per query row, the visible rows of the keys.
  let visibility: [Visibility]

  private var group: Int { heads / kvHeads }
  private var scale: Float { 1 / Float(headSize).squareRoot() }

  /// One tile of query rows with the slots that any of them sees.
  private struct Tile {
    let rows: Range<Int>
    let slots: Range<Int>
  }

  private var tiles: [Tile] {
    stride(from: 0, to: visibility.count, by: Self.tileRows).map { start in
      let rows = start..<min(start + Self.tileRows, visibility.count)
      let low = rows.map { visibility[$0].prefix > 0 ? 0 : visibility[$0].start }.min() ?? 0
      let high = rows.map { visibility[$0].limit }.max() ?? 0
      return Tile(rows: rows, slots: low..<max(low, high))
    }
  }

  /// Gradients of queries `[tokens, heads · headSize]`, keys and values `[slots, kvHeads · headSize]` for a gradient of the output.
  func backward(
    _ dOutput: Tensor, queries: Tensor, keys: Tensor, values: Tensor
  ) -> (queries: Tensor, keys: Tensor, values: Tensor) {
    var dQueries = Tensor(zeros: queries.shape)
    var dKeys = Tensor(zeros: [kvHeads, keys.shape[0], headSize])
    var dValues = Tensor(zeros: [kvHeads, keys.shape[0], headSize])
    dQueries.withUnsafeMutableBufferPointer { dqBuffer in
      dKeys.withUnsafeMutableBufferPointer { dkBuffer in
        dValues.withUnsafeMutableBufferPointer { dvBuffer in
          guard let dq = dqBuffer.baseAddress, let dk = dkBuffer.baseAddress, let dv = dvBuffer.baseAddress
          else { return }
          dOutput.withUnsafeBufferPointer { doBuffer in
            guard let dOut = doBuffer.baseAddress else { return }
            GradientKernels.withPointers(queries, keys, values) { q, k, v in
              // A KV head's gradients are summed by one job, over its query heads in order: no races, one order.
              parallelFor(kvHeads) { kvHead in
                let offset = kvHead * keys.shape[0] * headSize
                for head in kvHead * group..<(kvHead + 1) * group {
                  for tile in tiles { backward(tile, head, dOut, q, k, v, dq, dk + offset, dv + offset) }
                }
              }
            }
          }
        }
      }
    }
    let shape = [keys.shape[0], kvHeads * headSize]
    return (dQueries, dKeys.permuted([1, 0, 2]).reshaped(shape), dValues.permuted([1, 0, 2]).reshaped(shape))
  }

  private func backward(
    _ tile: Tile, _ head: Int, _ dOut: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>,
    _ v: UnsafePointer<Float>, _ dq: UnsafeMutablePointer<Float>, _ dk: UnsafeMutablePointer<Float>,
    _ dv: UnsafeMutablePointer<Float>
  ) {
    let rows = tile.rows.count
    let slots = tile.slots.count
    let queryWidth = heads * headSize
    let queryOffset = tile.rows.lowerBound * queryWidth + head * headSize
    let slotOffset = tile.slots.lowerBound * headSize
    withScratch(Float.self, count: 2 * rows * slots) { weights in
      let dWeights = weights + rows * slots
      probabilities(tile, head, q, k, into: weights)
      // dV += Pᵀ dO
      gemm(
        m: slots, n: headSize, k: rows, a: weights, rowStrideA: 1, columnStrideA: slots, b: dOut + queryOffset,
        rowStrideB: queryWidth, columnStrideB: 1, c: dv + slotOffset, rowStrideC: headSize, accumulate: true)
      // dP = dO Vᵀ
      gemm(
        m: rows, n: slots, k: headSize, a: dOut + queryOffset, rowStrideA: queryWidth, columnStrideA: 1,
        b: key(v, tile.slots.lowerBound, head), rowStrideB: 1, columnStrideB: kvHeads * headSize, c: dWeights,
        rowStrideC: slots, accumulate: false)
      // dS = P (dP - Σ P dP) / √d
      for row in 0..<rows {
        let p = weights + row * slots
        let dp = dWeights + row * slots
        var sum = Float8.zero
        forEachEight(slots) { start, lanes in
          sum = multiplyAdd(sum, loadUpTo8(p + start, lanes), loadUpTo8(dp + start, lanes))
        }
        let mean = Float8(repeating: laneSum(sum))
        forEachEight(slots) { start, lanes in
          storeUpTo8(
            loadUpTo8(p + start, lanes) * (loadUpTo8(dp + start, lanes) - mean) * scale, dp + start, lanes)
        }
      }
      // dQ += dS K,  dK += dSᵀ Q
      gemm(
        m: rows, n: headSize, k: slots, a: dWeights, rowStrideA: slots, columnStrideA: 1,
        b: key(k, tile.slots.lowerBound, head), rowStrideB: kvHeads * headSize, columnStrideB: 1, c: dq + queryOffset,
        rowStrideC: queryWidth, accumulate: true)
      gemm(
        m: slots, n: headSize, k: rows, a: dWeights, rowStrideA: 1, columnStrideA: slots, b: q + queryOffset,
        rowStrideB: queryWidth, columnStrideB: 1, c: dk + slotOffset, rowStrideC: headSize, accumulate: true)
    }
  }

  /// The first element of a query head's key or value in a slot.
  private func key(_ base: UnsafePointer<Float>, _ slot: Int, _ head: Int) -> UnsafePointer<Float> {
    base + slot * kvHeads * headSize + head / group * headSize
  }

  /// Softmax of the masked scores of a tile, `[rows, slots]`.
  private func probabilities(
    _ tile: Tile, _ head: Int, _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>,
    into weights: UnsafeMutablePointer<Float>
  ) {
    let slots = tile.slots.count
    gemm(
      m: tile.rows.count, n: slots, k: headSize, a: q + tile.rows.lowerBound * heads * headSize + head * headSize,
      rowStrideA: heads * headSize, columnStrideA: 1, b: key(k, tile.slots.lowerBound, head), rowStrideB: 1,
      columnStrideB: kvHeads * headSize, c: weights, rowStrideC: slots, accumulate: false)
    for (line, row) in tile.rows.enumerated() {
      let scores = weights + line * slots
      let visible = visibility[row]
      for slot in 0..<slots where !visible.sees(tile.slots.lowerBound + slot) { scores[slot] = -.infinity }
      var largest = -Float.infinity
      for slot in 0..<slots { largest = max(largest, scores[slot]) }
      let shift = Float8(repeating: largest)
      var sum: Float = 0
      forEachEight(slots) { start, lanes in
        let value = exponential((loadUpTo8(scores + start, lanes) - shift) * scale)
        storeUpTo8(value, scores + start, lanes)
        for lane in 0..<lanes { sum += value[lane] }
      }
      let inverse = Float8(repeating: sum > 0 ? 1 / sum : 0)
      forEachEight(slots) { start, lanes in
        storeUpTo8(loadUpTo8(scores + start, lanes) * inverse, scores + start, lanes)
      }
    }
  }
}
