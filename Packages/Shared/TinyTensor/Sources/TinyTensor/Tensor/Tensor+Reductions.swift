extension Tensor {
  /// The sum of all elements, accumulated in `Double` over the fixed chunks of `ReductionChunks`.
  public func sum() -> Float { Float(preciseSum()) }

  /// The sum of all elements without the final rounding to `Float`.
  public func preciseSum() -> Double { withPointer { ReductionKernel.sum($0, count: count) } }

  /// The arithmetic mean; NaN for an empty tensor.
  public func mean() -> Float { Float(preciseSum() / Double(count)) }

  /// The greatest element; -∞ for an empty tensor.
  public func max() -> Float { withPointer { ReductionKernel.maximum($0, count: count) } }

  /// The least element; +∞ for an empty tensor.
  public func min() -> Float { withPointer { ReductionKernel.minimum($0, count: count) } }

  /// The Euclidean (Frobenius) norm, accumulated in `Double`.
  public func norm() -> Float { Float(sumOfSquares().squareRoot()) }

  /// The sum of the squares of all elements.
  public func sumOfSquares() -> Double { withPointer { ReductionKernel.sumOfSquares($0, count: count) } }

  /// The scalar product with a tensor of the same number of elements.
  public func dot(_ other: Tensor) -> Float {
    precondition(count == other.count, "dot needs equal counts, got \(count) and \(other.count)")
    return Float(withPointers(self, other) { ReductionKernel.dot($0, $1, count: count) })
  }

  /// Whether no element is NaN or infinite.
  public var isFinite: Bool { withPointer { ReductionKernel.isFinite($0, count: count) } }

  /// For each row (all but the last dimension flattened) the index of its greatest element; the first one wins a tie.
  public func argmaxRows() -> [Int] {
    let width = shape.last ?? 1
    guard width > 0 else { return [] }
    return withPointer { pointer in
      (0..<count / width).map { row in
        var best = 0
        for column in 1..<Swift.max(1, width) where pointer[row * width + column] > pointer[row * width + best] {
          best = column
        }
        return best
      }
    }
  }
}

/// The sum over all but the last dimension: `[…, columns]` → `[columns]`, in fixed chunks.
public func columnSums(_ x: Tensor) -> Tensor {
  let columns = x.shape.last ?? 1
  return .filled([columns]) { target in
    x.withPointer {
      ReductionKernel.columnSums($0, rows: columns == 0 ? 0 : x.count / columns, columns: columns, into: target)
    }
  }
}

/// The sum over the last dimension: `[rows…, columns]` → `[rows…]`.
public func rowSums(_ x: Tensor) -> Tensor {
  precondition(x.rank >= 1, "rowSums needs at least one dimension")
  let columns = x.shape[x.rank - 1]
  let shape = Array(x.shape.dropLast())
  return .filled(shape) { target in
    x.withPointer { source in
      parallelRanges(shape.reduce(1, *), grain: Swift.max(1, 16_384 / Swift.max(1, columns))) { rows in
        for row in rows { target[row] = Float(ReductionKernel.serialSum(source + row * columns, count: columns)) }
      }
    }
  }
}
