/// A dense, row-major array of `Float` with value semantics.
///
/// Copies share storage until one of them is written. Storage is 64-byte aligned and comes from `BufferPool`. Images and
/// activations are `[batch, height, width, channels]`; convolution weights `[out, in / groups, height, width]`; linear weights
/// `[out, in]`. Shapes that do not fit each other are programmer errors and trap; loaders check shapes before they get here.
public struct Tensor: Sendable {
  /// The length of each dimension; empty for a scalar.
  public let shape: [Int]
  /// The number of elements, the product of `shape`.
  public let count: Int
  private(set) var storage: TensorStorage

  /// The number of dimensions.
  public var rank: Int { shape.count }

  /// A tensor with undefined content, to be written entirely.
  public init(uninitialized shape: [Int]) {
    precondition(shape.allSatisfy { $0 >= 0 }, "negative dimension in shape \(shape)")
    self.shape = shape
    count = shape.reduce(1, *)
    storage = TensorStorage(count: count)
  }

  private init(shape: [Int], count: Int, storage: TensorStorage) {
    self.shape = shape
    self.count = count
    self.storage = storage
  }

  /// A tensor full of one value.
  public init(repeating value: Float, shape: [Int]) {
    self.init(uninitialized: shape)
    let pointer = storage.pointer
    parallelRanges(count, grain: 1 << 18) { range in
      (pointer + range.lowerBound).update(repeating: value, count: range.count)
    }
  }

  /// A tensor of zeros.
  public init(zeros shape: [Int]) {
    self.init(repeating: 0, shape: shape)
  }

  /// A tensor with the given scalars in row-major order; their number must be the product of `shape`.
  public init(shape: [Int], _ scalars: [Float]) {
    self.init(uninitialized: shape)
    precondition(scalars.count == count, "shape \(shape) needs \(count) scalars, got \(scalars.count)")
    scalars.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { storage.pointer.update(from: base, count: count) }
    }
  }

  /// A tensor of rank 0.
  public init(scalar: Float) {
    self.init(uninitialized: [])
    storage.pointer.pointee = scalar
  }

  /// The same elements, in the same order, under another shape; shares storage. One dimension may be -1 and is then inferred.
  public func reshaped(_ newShape: [Int]) -> Tensor {
    var resolved = newShape
    if let open = newShape.firstIndex(of: -1) {
      let known = newShape.enumerated().reduce(1) { $1.offset == open ? $0 : $0 * $1.element }
      resolved[open] = known == 0 ? 0 : count / known
    }
    precondition(
      resolved.allSatisfy { $0 >= 0 } && resolved.reduce(1, *) == count, "cannot reshape \(shape) to \(newShape)")
    return Tensor(shape: resolved, count: count, storage: storage)
  }

  /// The element at the given position, one index per dimension.
  public subscript(_ indices: Int...) -> Float {
    get { storage.pointer[offset(of: indices)] }
    set {
      let offset = offset(of: indices)
      makeUnique()
      storage.pointer[offset] = newValue
    }
  }

  private func offset(of indices: [Int]) -> Int {
    precondition(indices.count == rank, "\(indices.count) indices for a tensor of rank \(rank)")
    var offset = 0
    for (index, length) in zip(indices, shape) {
      precondition(index >= 0 && index < length, "index \(indices) is outside of shape \(shape)")
      offset = offset * length + index
    }
    return offset
  }

  /// All elements in row-major order.
  public var scalars: [Float] { Array(UnsafeBufferPointer(start: storage.pointer, count: count)) }

  /// The only element of a tensor that has exactly one.
  public var item: Float {
    precondition(count == 1, "item needs exactly one element, the shape is \(shape)")
    return storage.pointer.pointee
  }

  /// Reads the elements in row-major order.
  public func withUnsafeBufferPointer<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: storage.pointer, count: count))
    }
  }

  /// Writes the elements in row-major order; makes the storage unique first.
  public mutating func withUnsafeMutableBufferPointer<R>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    makeUnique()
    return try withExtendedLifetime(storage) {
      try body(UnsafeMutableBufferPointer(start: storage.pointer, count: count))
    }
  }

  private mutating func makeUnique() {
    if isKnownUniquelyReferenced(&storage) { return }
    let copy = TensorStorage(count: count)
    let source = storage.pointer
    let target = copy.pointer
    parallelRanges(count, grain: 1 << 18) { range in
      (target + range.lowerBound).update(from: source + range.lowerBound, count: range.count)
    }
    storage = copy
  }
}

extension Tensor: Equatable {
  /// Same shape and equal elements (IEEE comparison: a NaN equals nothing).
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.shape == b.shape else { return false }
    return a.withUnsafeBufferPointer { x in b.withUnsafeBufferPointer { y in x.elementsEqual(y) } }
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the first few elements.
  public var description: String {
    let head = scalars.prefix(8).map { "\($0)" }.joined(separator: ", ")
    return "Tensor\(shape)(\(head)\(count > 8 ? ", …" : ""))"
  }
}
