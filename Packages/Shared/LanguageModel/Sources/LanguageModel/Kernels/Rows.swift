import TinyTensor

/// A matrix of activations in scratch memory: `count` rows of `width` floats, `stride` floats apart.
///
/// The currency between the kernels. It does not own its memory; whoever made it keeps the memory alive.
struct Rows {
  let base: UnsafeMutablePointer<Float>
  let count: Int
  let width: Int
  let stride: Int

  init(_ base: UnsafeMutablePointer<Float>, count: Int, width: Int, stride: Int? = nil) {
    self.base = base
    self.count = count
    self.width = width
    self.stride = stride ?? width
  }

  @inline(__always)
  subscript(_ row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }

  /// The rows `range`, in place.
  func rows(_ range: Range<Int>) -> Rows {
    Rows(base + range.lowerBound * stride, count: range.count, width: width, stride: stride)
  }

  /// Lends the rows of a matrix for the duration of `body`.
  static func with(_ matrix: inout Tensor, _ body: (Rows) -> Void) {
    let (count, width) = (matrix.shape[0], matrix.shape[1])
    matrix.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { body(Rows(base, count: count, width: width)) }
    }
  }

  /// A dense copy.
  func tensor() -> Tensor {
    var result = Tensor(uninitialized: [count, width])
    result.withUnsafeMutableBufferPointer { buffer in
      guard let target = buffer.baseAddress else { return }
      for row in 0..<count { (target + row * width).update(from: self[row], count: width) }
    }
    return result
  }

  /// Overwrites the rows with the elements of a tensor of the same size.
  func fill(from tensor: Tensor) {
    precondition(tensor.count == count * width, "\(tensor.shape) does not fill \(count) rows of \(width)")
    tensor.withUnsafeBufferPointer { buffer in
      guard let source = buffer.baseAddress else { return }
      for row in 0..<count { self[row].update(from: source + row * width, count: width) }
    }
  }

  /// Copies one row into a row of a tensor of the same width.
  func copy(row: Int, to tensor: inout Tensor, row target: Int) {
    precondition(tensor.shape.last == width, "rows of \(width) do not fit \(tensor.shape)")
    tensor.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { (base + target * width).update(from: self[row], count: width) }
    }
  }
}
