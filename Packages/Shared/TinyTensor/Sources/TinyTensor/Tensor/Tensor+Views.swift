extension Tensor {
  /// A copy of the given entries along the first dimension.
  public func slice(_ range: Range<Int>) -> Tensor {
    precondition(rank >= 1, "a scalar has no first dimension to slice")
    precondition(range.lowerBound >= 0 && range.upperBound <= shape[0], "slice \(range) is outside of 0..<\(shape[0])")
    let row = shape[0] == 0 ? 0 : count / shape[0]
    return .filled([range.count] + shape.dropFirst()) { target in
      withPointer { target.update(from: $0 + range.lowerBound * row, count: range.count * row) }
    }
  }

  /// A copy of the given entries along the last dimension, for instance a range of channels.
  public func lastDimensionSlice(_ range: Range<Int>) -> Tensor {
    precondition(rank >= 1, "a scalar has no last dimension to slice")
    let width = shape[rank - 1]
    precondition(range.lowerBound >= 0 && range.upperBound <= width, "slice \(range) is outside of 0..<\(width)")
    return .filled(shape.dropLast() + [range.count]) { target in
      withPointer { source in
        CopyKernel.copyRows(
          count: width == 0 ? 0 : count / width, length: range.count, source: source + range.lowerBound,
          sourceStride: width, target: target, targetStride: range.count)
      }
    }
  }

  /// Tensors that agree in all but the last dimension, side by side along the last dimension (channels).
  public static func concatenatedLast(_ tensors: [Tensor]) -> Tensor {
    precondition(!tensors.isEmpty && tensors.allSatisfy { $0.rank >= 1 }, "nothing to concatenate")
    let leading = Array(tensors[0].shape.dropLast())
    precondition(tensors.allSatisfy { Array($0.shape.dropLast()) == leading }, "leading dimensions differ")
    let width = tensors.reduce(0) { $0 + $1.shape[$1.rank - 1] }
    return .filled(leading + [width]) { target in
      var offset = 0
      for tensor in tensors {
        let own = tensor.shape[tensor.rank - 1]
        tensor.withPointer { source in
          CopyKernel.copyRows(
            count: leading.reduce(1, *), length: own, source: source, sourceStride: own, target: target + offset,
            targetStride: width)
        }
        offset += own
      }
    }
  }

  /// Tensors that agree in all but the first dimension, one after the other along the first dimension (batch).
  public static func concatenatedFirst(_ tensors: [Tensor]) -> Tensor {
    precondition(!tensors.isEmpty && tensors.allSatisfy { $0.rank >= 1 }, "nothing to concatenate")
    let trailing = Array(tensors[0].shape.dropFirst())
    precondition(tensors.allSatisfy { Array($0.shape.dropFirst()) == trailing }, "trailing dimensions differ")
    return .filled([tensors.reduce(0) { $0 + $1.shape[0] }] + trailing) { target in
      var offset = 0
      for tensor in tensors {
        tensor.withPointer { (target + offset).update(from: $0, count: tensor.count) }
        offset += tensor.count
      }
    }
  }

  /// The rows (entries along the first dimension) with the given indices, in that order.
  public func gatheredRows(_ indices: [Int]) -> Tensor {
    precondition(rank >= 1, "a scalar has no rows")
    let row = shape[0] == 0 ? 0 : count / shape[0]
    return .filled([indices.count] + shape.dropFirst()) { target in
      withPointer { source in
        for (position, index) in indices.enumerated() {
          precondition(index >= 0 && index < shape[0], "row \(index) is outside of 0..<\(shape[0])")
          (target + position * row).update(from: source + index * row, count: row)
        }
      }
    }
  }

  /// A copy with the dimensions in another order: `axes[i]` is the old dimension that becomes dimension `i`.
  public func permuted(_ axes: [Int]) -> Tensor {
    precondition(axes.sorted() == Array(0..<rank), "\(axes) is not a permutation of the \(rank) dimensions")
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    return .filled(axes.map { shape[$0] }) { target in
      withPointer { source in
        CopyKernel.permute(
          shape: axes.map { shape[$0] }, sourceStrides: axes.map { strides[$0] }, source: source, target: target)
      }
    }
  }

  /// The transpose of a matrix.
  public var transposed: Tensor {
    precondition(rank == 2, "transposed needs a matrix, the shape is \(shape)")
    return permuted([1, 0])
  }
}
