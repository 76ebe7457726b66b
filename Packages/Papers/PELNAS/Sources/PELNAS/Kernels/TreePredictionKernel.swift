import PELNASShims
import TinyTensor

/// Evaluates complete trees of depth five for 32 rows at a time, without branches and without gathers.
///
/// Numbers become bytes first (``TreeBins``). All 31 comparisons are made, a tournament of selections leads from the 32 leaves to the
/// number of the one that is reached, and a byte shuffle looks its value up: some 90 vector instructions for 32 rows, which is less
/// than 160 dependent, unpredictable look-ups. Every row adds its trees in their order, on any number of threads.
enum TreePredictionKernel {
  private typealias Bytes = SIMD32<Int8>

  /// Rows that stay in the first-level cache while all trees pass.
  private static let blockRows = 512

  static func predict(
    _ features: FeatureMatrix, base: Float, splitColumns: [Int32], thresholds: [Float], leaves: [Float]
  ) -> [Float] {
    let count = leaves.count / BoostedTrees.leafCount
    let planes = bytePlanes(leaves)
    // Sums of 32 rows lie in the order of the look-up until the end.
    var sums = [Float](repeating: base, count: features.stride)
    var first = 0
    while first < count {
      let group = TreeBins(features, firstTree: first, splitColumns: splitColumns, thresholds: thresholds)
      planes.withUnsafeBufferPointer { planes in
        add(group, planes: UnsafeBufferPointer(rebasing: planes[(first * 4 * BoostedTrees.leafCount)...]), to: &sums)
      }
      first = group.trees.upperBound
    }
    return (0..<features.rows).map { row in sums[row / 32 * 32 + Int(pn_place(Int32(row % 32)))] }
  }

  /// The four bytes of every leaf, lowest first, 32 leaves of a tree together.
  private static func bytePlanes(_ leaves: [Float]) -> [UInt8] {
    var planes = [UInt8](repeating: 0, count: 4 * leaves.count)
    for (index, leaf) in leaves.enumerated() {
      let (tree, place) = index.quotientAndRemainder(dividingBy: BoostedTrees.leafCount)
      for plane in 0..<4 {
        planes[(4 * tree + plane) * BoostedTrees.leafCount + place] = UInt8(
          truncatingIfNeeded: leaf.bitPattern >> UInt32(8 * plane))
      }
    }
    return planes
  }

  private static func add(_ group: TreeBins, planes: UnsafeBufferPointer<UInt8>, to sums: inout [Float]) {
    let rows = sums.count
    group.bins.withUnsafeBufferPointer { bins in
      group.offsets.withUnsafeBufferPointer { offsets in
        group.lastLeft.withUnsafeBufferPointer { lastLeft in
          sums.withUnsafeMutableBufferPointer { sums in
            guard let bins = bins.baseAddress, let offsets = offsets.baseAddress, let lastLeft = lastLeft.baseAddress,
              let planes = planes.baseAddress, let sums = sums.baseAddress
            else { return }
            parallelRanges(rows, grain: 2 * blockRows, alignment: blockRows) { range in
              for block in stride(from: range.lowerBound, to: range.upperBound, by: blockRows) {
                let end = min(block + blockRows, range.upperBound)
                for tree in 0..<group.trees.count {
                  let split = tree * BoostedTrees.splitCount
                  for row in stride(from: block, to: end, by: 32) {
                    let leaf = leaf(bins + row, offsets: offsets + split, lastLeft: lastLeft + split)
                    pn_add_looked_up(leaf, planes + 4 * tree * BoostedTrees.leafCount, sums + row)
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// The leaf that each of 32 rows reaches in one tree.
  @inline(__always)
  private static func leaf(
    _ rows: UnsafePointer<Int8>, offsets: UnsafePointer<Int>, lastLeft: UnsafePointer<Int8>
  ) -> Bytes {
    /// The winner of two at a split.
    @inline(__always) func choose(_ split: Int, _ left: Bytes, _ right: Bytes) -> Bytes {
      pn_choose(rows + offsets[split], lastLeft[split], left, right)
    }
    /// The leaf below a split of the last level.
    @inline(__always) func last(_ split: Int) -> Bytes {
      let left = Int8(2 * (split - 15))
      return choose(split, Bytes(repeating: left), Bytes(repeating: left + 1))
    }
    @inline(__always) func pair(_ split: Int) -> Bytes { choose(split, last(2 * split + 1), last(2 * split + 2)) }
    @inline(__always) func four(_ split: Int) -> Bytes { choose(split, pair(2 * split + 1), pair(2 * split + 2)) }
    @inline(__always) func eight(_ split: Int) -> Bytes { choose(split, four(2 * split + 1), four(2 * split + 2)) }
    return choose(0, eight(1), eight(2))
  }
}
