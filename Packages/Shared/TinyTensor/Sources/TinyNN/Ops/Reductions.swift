import TinyTensor

extension Variable {
  /// The sum of all elements, a scalar.
  public func sum() -> Variable {
    let shape = shape
    return Self.result("sum", self, Tensor(scalar: value.sum())) { Tensor(repeating: $0.item, shape: shape) }
  }

  /// The arithmetic mean of all elements, a scalar.
  public func mean() -> Variable {
    let shape = shape
    let share = 1 / Float(value.count)
    return Self.result("mean", self, Tensor(scalar: value.mean())) { Tensor(repeating: $0.item * share, shape: shape) }
  }

  /// The sums over the last dimension, `[rows…, columns]` → `[rows…]`.
  public func rowSums() -> Variable {
    let shape = shape
    return Self.result("rowSums", self, TinyTensor.rowSums(value)) { RowKernel.repeatedAlongRows($0, shape: shape) }
  }

  /// The sums over all but the last dimension, `[rows…, columns]` → `[columns]`.
  public func columnSums() -> Variable {
    let shape = shape
    return Self.result("columnSums", self, TinyTensor.columnSums(value)) { Tensor(zeros: shape) + $0 }
  }
}
