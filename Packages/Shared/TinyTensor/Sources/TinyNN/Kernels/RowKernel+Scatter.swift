import TinyTensor

extension RowKernel {
  /// A tensor of the given shape, each row filled with one number of `x`: the gradient of row sums.
  static func repeatedAlongRows(_ x: Tensor, shape: [Int]) -> Tensor {
    let width = shape.last ?? 1
    var result = Tensor(uninitialized: shape)
    result.withUnsafeMutableBufferPointer { target in
      x.withUnsafeBufferPointer { source in
        guard let output = target.baseAddress else { return }
        forEachRow(source.count, width: width) { row in
          (output + row * width).update(repeating: source[row], count: width)
        }
      }
    }
    return result
  }

  /// A table of the given shape, zero but for row `rows[i]`, to which row `i` of `x` is added, in order.
  static func scatteredSum(_ x: Tensor, rows: [Int], shape: [Int]) -> Tensor {
    let width = shape[1]
    var result = Tensor(zeros: shape)
    result.withUnsafeMutableBufferPointer { target in
      x.withUnsafeBufferPointer { source in
        guard let output = target.baseAddress, let input = source.baseAddress else { return }
        for (position, row) in rows.enumerated() {
          let sum = output + row * width
          let term = input + position * width
          for column in 0..<width { sum[column] += term[column] }
        }
      }
    }
    return result
  }
}
