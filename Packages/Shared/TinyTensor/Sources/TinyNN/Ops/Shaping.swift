import TinyTensor

extension Variable {
  /// The same elements in the same order under another shape; one dimension may be -1 and is then inferred.
  public func reshaped(_ newShape: [Int]) -> Variable {
    let shape = shape
    return Self.result("reshaped", self, value.reshaped(newShape)) { $0.reshaped(shape) }
  }

  /// The dimensions in another order: `axes[i]` is the old dimension that becomes dimension `i`.
  public func permuted(_ axes: [Int]) -> Variable {
    var inverse = axes
    for (new, old) in axes.enumerated() where old >= 0 && old < axes.count { inverse[old] = new }
    return Self.result("permuted", self, value.permuted(axes)) { [inverse] in $0.permuted(inverse) }
  }

  /// The transpose of a matrix.
  public var transposed: Variable {
    precondition(value.rank == 2, "transposed needs a matrix, the shape is \(shape)")
    return permuted([1, 0])
  }

  /// The given entries along the first dimension.
  public func slice(_ range: Range<Int>) -> Variable {
    let shape = shape
    return Self.result("slice", self, value.slice(range)) { gradient in
      let row = Array(shape.dropFirst())
      return Tensor.concatenatedFirst([
        Tensor(zeros: [range.lowerBound] + row), gradient, Tensor(zeros: [shape[0] - range.upperBound] + row),
      ])
    }
  }

  /// The given entries along the last dimension, for instance a range of channels.
  public func lastDimensionSlice(_ range: Range<Int>) -> Variable {
    let shape = shape
    return Self.result("lastDimensionSlice", self, value.lastDimensionSlice(range)) { gradient in
      let before = range.lowerBound
      let after = shape[shape.count - 1] - range.upperBound
      let leading = Array(shape.dropLast())
      return Tensor.concatenatedLast([Tensor(zeros: leading + [before]), gradient, Tensor(zeros: leading + [after])])
    }
  }
}

/// Joins variables along the last dimension (channels); the other dimensions must agree.
public func concat(_ variables: [Variable]) -> Variable {
  let widths = variables.map { $0.shape.last ?? 1 }
  return Variable.result("concat", variables, .concatenatedLast(variables.map(\.value))) { gradient, needed in
    var offset = 0
    return zip(widths, needed).map { width, isNeeded in
      defer { offset += width }
      return isNeeded ? gradient.lastDimensionSlice(offset..<offset + width) : nil
    }
  }
}

/// Joins variables along the first dimension (batch); the other dimensions must agree.
public func concatFirst(_ variables: [Variable]) -> Variable {
  let lengths = variables.map { $0.shape.first ?? 1 }
  return Variable.result("concatFirst", variables, .concatenatedFirst(variables.map(\.value))) { gradient, needed in
    var offset = 0
    return zip(lengths, needed).map { length, isNeeded in
      defer { offset += length }
      return isNeeded ? gradient.slice(offset..<offset + length) : nil
    }
  }
}

/// Images to rows: `[batch, height, width, channels]` → `[batch, channels · height · width]` in PyTorch's order (channel by
/// channel), so that the weights of a following linear layer are exchangeable. Matrices pass unchanged.
public func flatten(_ x: Variable) -> Variable {
  guard x.shape.count != 2 else { return x }
  precondition(x.shape.count == 4, "flatten needs [batch, height, width, channels], the shape is \(x.shape)")
  let isPixel = x.shape[1] * x.shape[2] == 1 || x.shape[3] == 1
  return (isPixel ? x : x.permuted([0, 3, 1, 2])).reshaped([x.shape[0], x.shape[1] * x.shape[2] * x.shape[3]])
}
