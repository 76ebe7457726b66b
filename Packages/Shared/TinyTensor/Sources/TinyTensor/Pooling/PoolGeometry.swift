/// Window, stride and padding of a 2-D pooling applied to one input shape.
struct PoolGeometry: Sendable {
  let batch: Int
  let height: Int
  let width: Int
  let channels: Int
  let kernel: Int
  let stride: Int
  let padding: Int

  init(_ shape: [Int], kernel: Int, stride: Int, padding: Int) {
    precondition(shape.count == 4, "pooling needs [batch, height, width, channels], the shape is \(shape)")
    precondition(kernel > 0 && stride > 0, "pooling needs a kernel and a stride of at least 1")
    precondition(
      padding >= 0 && 2 * padding <= kernel, "pooling: padding \(padding) exceeds half of the kernel \(kernel)")
    precondition(
      shape[1] + 2 * padding >= kernel && shape[2] + 2 * padding >= kernel,
      "a pooling window of \(kernel) does not fit into \(shape) with padding \(padding)")
    batch = shape[0]
    height = shape[1]
    width = shape[2]
    channels = shape[3]
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  var outputHeight: Int { (height + 2 * padding - kernel) / stride + 1 }
  var outputWidth: Int { (width + 2 * padding - kernel) / stride + 1 }
  var outputShape: [Int] { [batch, outputHeight, outputWidth, channels] }

  /// The input rows (or columns, with `length` = width) that the window at `position` covers.
  @inline(__always)
  func window(_ position: Int, length: Int) -> Range<Int> {
    let start = position * stride - padding
    return Swift.max(0, start)..<Swift.min(length, start + kernel)
  }

  var imageSize: Int { height * width * channels }

  /// The outputs (of `count`) in one direction whose window holds the input at `position`.
  @inline(__always)
  func outputs(covering position: Int, count: Int) -> Range<Int> {
    let first = Swift.max(0, (position + padding - kernel + stride) / stride)
    let last = Swift.min(count - 1, (position + padding) / stride)
    return first..<Swift.max(first, last + 1)
  }

  /// For every position in one direction the reciprocal of the number of elements an average counts there.
  func reciprocals(positions: Int, length: Int, countIncludePad: Bool) -> [Float] {
    (0..<positions).map { 1 / Float(countIncludePad ? kernel : window($0, length: length).count) }
  }
}
