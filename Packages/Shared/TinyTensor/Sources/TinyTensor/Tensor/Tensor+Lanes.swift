// Element-wise operations on sixteen elements per call of the closure: the fast form of `map` and its siblings, since a closure that
// crosses threads cannot be inlined. Closures must treat every lane alike; lanes beyond the last element are ignored.

extension Tensor {
  /// A tensor of `transform(x)` for every element, sixteen at a time, in parallel.
  public func mapLanes(_ transform: @Sendable (Lanes) -> Lanes) -> Tensor {
    .filled(shape) { target in
      withPointer { x in LaneKernel.run(count: count, into: target) { transform(loadRow(x + $0)) } }
    }
  }

  /// A tensor of `transform(x, y)` for the elements of two tensors of the same shape, sixteen at a time, in parallel.
  public func zipLanes(_ other: Tensor, _ transform: @Sendable (Lanes, Lanes) -> Lanes) -> Tensor {
    precondition(shape == other.shape, "zipLanes needs equal shapes, got \(shape) and \(other.shape)")
    return .filled(shape) { target in
      withPointers(self, other) { x, y in
        LaneKernel.run(count: count, into: target) { transform(loadRow(x + $0), loadRow(y + $0)) }
      }
    }
  }

  /// A tensor of `transform(x, y, z)` for the elements of three tensors of the same shape, sixteen at a time, in parallel.
  public func zipLanes(
    _ second: Tensor, _ third: Tensor, _ transform: @Sendable (Lanes, Lanes, Lanes) -> Lanes
  ) -> Tensor {
    precondition(shape == second.shape && shape == third.shape, "zipLanes needs equal shapes")
    return .filled(shape) { target in
      withPointers(self, second) { x, y in
        third.withPointer { z in
          LaneKernel.run(count: count, into: target) { transform(loadRow(x + $0), loadRow(y + $0), loadRow(z + $0)) }
        }
      }
    }
  }

  /// Replaces every element `x` by `transform(x)`, sixteen at a time, in parallel.
  public mutating func updateLanes(_ transform: @Sendable (Lanes) -> Lanes) {
    withUnsafeMutableBufferPointer { buffer in
      guard let target = buffer.baseAddress else { return }
      LaneKernel.run(count: buffer.count, into: target) { transform(loadRow(target + $0)) }
    }
  }

  /// Replaces every element `x` by `transform(x, y)` with `y` from `other`, sixteen at a time, in parallel.
  public mutating func updateLanes(with other: Tensor, _ transform: @Sendable (Lanes, Lanes) -> Lanes) {
    precondition(shape == other.shape, "updateLanes(with:) needs equal shapes, got \(shape) and \(other.shape)")
    withUnsafeMutableBufferPointer { buffer in
      guard let target = buffer.baseAddress else { return }
      other.withPointer { y in
        LaneKernel.run(count: buffer.count, into: target) { transform(loadRow(target + $0), loadRow(y + $0)) }
      }
    }
  }

  /// `transform(x, row)` with a row along the last dimension, sixteen columns at a time.
  func rowLanes(_ row: Tensor, _ transform: @Sendable (Lanes, Lanes) -> Lanes) -> Tensor {
    .filled(shape) { target in
      guard count > 0 else { return }
      withPointers(self, row) { x, y in
        let pattern = ChannelPattern(channels: row.count)
        pattern.withRepeated(y) { repeated in
          pattern.forEachBlock(rows: count / row.count) { offset, width in
            LaneKernel.part(offset..<offset + width, into: target) {
              transform(loadRow(x + $0), loadRow(repeated + ($0 - offset)))
            }
          }
        }
      }
    }
  }

  /// Element-wise combination with the broadcasting rules of the operators.
  func combinedLanes(with other: Tensor, _ transform: @Sendable (Lanes, Lanes) -> Lanes) -> Tensor {
    if shape == other.shape { return zipLanes(other, transform) }
    if other.count == 1 && other.rank <= rank {
      let value = Lanes(repeating: other.item)
      return mapLanes { transform($0, value) }
    }
    if count == 1 && rank <= other.rank {
      let value = Lanes(repeating: item)
      return other.mapLanes { transform(value, $0) }
    }
    if other.rank == 1 && rank > 1 && other.count == shape[rank - 1] { return rowLanes(other, transform) }
    if rank == 1 && other.rank > 1 && count == other.shape[other.rank - 1] {
      return other.rowLanes(self) { transform($1, $0) }
    }
    preconditionFailure("shapes \(shape) and \(other.shape) do not broadcast over the last dimension")
  }
}
