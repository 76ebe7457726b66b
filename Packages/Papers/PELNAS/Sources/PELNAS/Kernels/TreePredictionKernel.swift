import TinyTensor

/// Evaluates complete trees of depth five for eight rows at a time, without branches and without gathers.
///
/// All 31 comparisons are made, and a tournament of selections runs from the 32 leaves to the root: about 62 vector instructions for
/// eight rows, which is less than forty dependent, unpredictable look-ups.
enum TreePredictionKernel {
  typealias Lanes = SIMD8<Float>

  static func predict(
    _ features: FeatureMatrix, base: Float, splitColumns: [Int32], thresholds: [Float], leaves: [Float]
  ) -> [Float] {
    let trees = leaves.count / BoostedTrees.leafCount
    let stride = features.stride
    var result = [Float](repeating: base, count: stride)
    features.values.withUnsafeBufferPointer { values in
      splitColumns.withUnsafeBufferPointer { splitColumns in
        thresholds.withUnsafeBufferPointer { thresholds in
          leaves.withUnsafeBufferPointer { leaves in
            result.withUnsafeMutableBufferPointer { result in
              guard let out = result.baseAddress, let values = values.baseAddress,
                let columns = splitColumns.baseAddress, let thresholds = thresholds.baseAddress,
                let leaves = leaves.baseAddress
              else { return }
              let output = UnsafeMutableRawPointer(out)
              // Blocks of 64 rows stay in the first-level cache while all trees pass.
              parallelRanges(stride, grain: 1_024, alignment: 64) { range in
                var block = range.lowerBound
                while block < range.upperBound {
                  let end = min(block + 64, range.upperBound)
                  for tree in 0..<trees {
                    var row = block
                    while row < end {
                      let value = evaluate(
                        UnsafeRawPointer(values + row), stride: stride,
                        columns: columns + tree * BoostedTrees.splitCount,
                        thresholds: thresholds + tree * BoostedTrees.splitCount,
                        leaves: leaves + tree * BoostedTrees.leafCount)
                      let place = output + 4 * row
                      place.storeBytes(of: place.loadUnaligned(as: Lanes.self) + value, as: Lanes.self)
                      row += 8
                    }
                  }
                  block = end
                }
              }
            }
          }
        }
      }
    }
    return Array(result.prefix(features.rows))
  }

  /// One tree on eight rows.
  @inline(__always)
  private static func evaluate(
    _ rows: UnsafeRawPointer, stride: Int, columns: UnsafePointer<Int32>, thresholds: UnsafePointer<Float>,
    leaves: UnsafePointer<Float>
  ) -> Lanes {
    /// The winner of two values at a split.
    @inline(__always) func select(_ split: Int, _ left: Lanes, _ right: Lanes) -> Lanes {
      let x = rows.loadUnaligned(fromByteOffset: 4 * Int(columns[split]) * stride, as: Lanes.self)
      return right.replacing(with: left, where: x .< Lanes(repeating: thresholds[split]))
    }
    /// The winner below a split of the last level.
    @inline(__always) func leaf(_ split: Int) -> Lanes {
      let first = 2 * (split - 15)
      return select(split, Lanes(repeating: leaves[first]), Lanes(repeating: leaves[first + 1]))
    }
    @inline(__always) func pair(_ split: Int) -> Lanes { select(split, leaf(2 * split + 1), leaf(2 * split + 2)) }
    @inline(__always) func four(_ split: Int) -> Lanes { select(split, pair(2 * split + 1), pair(2 * split + 2)) }
    @inline(__always) func eight(_ split: Int) -> Lanes { select(split, four(2 * split + 1), four(2 * split + 2)) }
    return select(0, eight(1), eight(2))
  }
}
