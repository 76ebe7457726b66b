extension Tensor {
  /// A tensor of `transform(x)` for every element `x`, in parallel; `mapLanes` is several times faster.
  @inlinable
  public func map(_ transform: @Sendable (Float) -> Float) -> Tensor {
    var result = Tensor(uninitialized: shape)
    result.withUnsafeMutableBufferPointer { target in
      withUnsafeBufferPointer { source in
        guard let output = target.baseAddress, let input = source.baseAddress else { return }
        parallelRanges(target.count) { range in
          for index in range { output[index] = transform(input[index]) }
        }
      }
    }
    return result
  }

  /// A tensor of `transform(x, y)` for the elements of two tensors of the same shape.
  @inlinable
  public func zipMap(_ other: Tensor, _ transform: @Sendable (Float, Float) -> Float) -> Tensor {
    precondition(shape == other.shape, "zipMap needs equal shapes, got \(shape) and \(other.shape)")
    var result = Tensor(uninitialized: shape)
    result.withUnsafeMutableBufferPointer { target in
      withUnsafeBufferPointer { first in
        other.withUnsafeBufferPointer { second in
          guard let output = target.baseAddress, let a = first.baseAddress, let b = second.baseAddress else { return }
          parallelRanges(target.count) { range in
            for index in range { output[index] = transform(a[index], b[index]) }
          }
        }
      }
    }
    return result
  }

  /// Replaces every element `x` by `transform(x)`.
  @inlinable
  public mutating func update(_ transform: @Sendable (Float) -> Float) {
    withUnsafeMutableBufferPointer { target in
      guard let output = target.baseAddress else { return }
      parallelRanges(target.count) { range in
        for index in range { output[index] = transform(output[index]) }
      }
    }
  }

  /// Replaces every element `x` by `transform(x, y)` with `y` the element of `other` at the same place.
  @inlinable
  public mutating func update(with other: Tensor, _ transform: @Sendable (Float, Float) -> Float) {
    precondition(shape == other.shape, "update(with:) needs equal shapes, got \(shape) and \(other.shape)")
    withUnsafeMutableBufferPointer { target in
      other.withUnsafeBufferPointer { source in
        guard let output = target.baseAddress, let input = source.baseAddress else { return }
        parallelRanges(target.count) { range in
          for index in range { output[index] = transform(output[index], input[index]) }
        }
      }
    }
  }

  /// A tensor of `transform(x, y)`; besides equal shapes, either operand may be a row, that is, a tensor whose shape is the
  /// other's last dimension (bias, per-channel scale), or have a single element.
  @inlinable
  public func combined(with other: Tensor, _ transform: @Sendable (Float, Float) -> Float) -> Tensor {
    if shape == other.shape { return zipMap(other, transform) }
    if other.count == 1 && other.rank <= rank {
      let value = other.item
      return map { transform($0, value) }
    }
    if count == 1 && rank <= other.rank {
      let value = item
      return other.map { transform(value, $0) }
    }
    if other.rank == 1 && rank > 1 && other.count == shape[rank - 1] { return rowMap(other) { transform($0, $1) } }
    if rank == 1 && other.rank > 1 && count == other.shape[other.rank - 1] {
      return other.rowMap(self) { transform($1, $0) }
    }
    preconditionFailure("shapes \(shape) and \(other.shape) do not broadcast over the last dimension")
  }

  @inlinable
  func rowMap(_ row: Tensor, _ transform: @Sendable (Float, Float) -> Float) -> Tensor {
    let width = row.count
    var result = Tensor(uninitialized: shape)
    guard count > 0 else { return result }
    result.withUnsafeMutableBufferPointer { target in
      withUnsafeBufferPointer { first in
        row.withUnsafeBufferPointer { second in
          guard let output = target.baseAddress, let a = first.baseAddress, let b = second.baseAddress else { return }
          parallelRanges(count / width, grain: Swift.max(1, 16_384 / width)) { rows in
            for line in rows {
              let start = line * width
              for column in 0..<width { output[start + column] = transform(a[start + column], b[column]) }
            }
          }
        }
      }
    }
    return result
  }
}
