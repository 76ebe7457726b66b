import TinyTensor

/// Copies chosen rows and columns of a weight tensor.
enum GatherKernel {
  /// Rows `rows` and columns `columns` of `tensor` seen as `[rows, columns, …]`; nil keeps the whole dimension.
  ///
  /// A convolution weight `[out, in, kh, kw]` loses output and input channels, a linear weight `[out, in]` likewise, a vector
  /// `[channels]` elements.
  static func gather(_ tensor: Tensor, rows: [Int]?, columns: [Int]? = nil) -> Tensor {
    guard rows != nil || columns != nil else { return tensor }
    var shape = tensor.shape
    let rowCount = shape[0]
    let rowList = rows ?? Array(0..<rowCount)
    shape[0] = rowList.count
    let rowLength = rowCount == 0 ? 0 : tensor.count / rowCount
    var area = rowLength
    if let columns {
      area = shape[1] == 0 ? 0 : rowLength / shape[1]
      shape[1] = columns.count
    }
    var result = Tensor(uninitialized: shape)
    tensor.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, var target = target.baseAddress else { return }
        for row in rowList {
          let line = source + row * rowLength
          guard let columns else {
            target.update(from: line, count: rowLength)
            target += rowLength
            continue
          }
          for column in columns {
            target.update(from: line + column * area, count: area)
            target += area
          }
        }
      }
    }
    return result
  }
}
