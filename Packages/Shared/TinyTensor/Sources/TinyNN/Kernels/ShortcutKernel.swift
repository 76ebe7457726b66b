import TinyTensor

/// Subsampling of pixels with added zero channels, and its transpose.
struct ShortcutKernel {
  let inputShape: [Int]
  let outputShape: [Int]
  let stride: Int
  let before: Int

  init(_ shape: [Int], stride: Int, before: Int, after: Int) {
    inputShape = shape
    outputShape = [
      shape[0], (shape[1] + stride - 1) / stride, (shape[2] + stride - 1) / stride, before + shape[3] + after,
    ]
    self.stride = stride
    self.before = before
  }

  func forward(_ x: Tensor) -> Tensor {
    copied(x, into: outputShape) { source, target, offsets in
      (target + offsets.output).update(from: source + offsets.input, count: inputShape[3])
    }
  }

  func backward(_ gradient: Tensor) -> Tensor {
    copied(gradient, into: inputShape) { source, target, offsets in
      (target + offsets.input).update(from: source + offsets.output, count: inputShape[3])
    }
  }

  /// Zeros of the given shape, into which `body` copies once for every pixel that input and output share.
  private func copied(
    _ source: Tensor, into shape: [Int],
    _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, (input: Int, output: Int)) -> Void
  ) -> Tensor {
    var result = Tensor(zeros: shape)
    result.withUnsafeMutableBufferPointer { target in
      source.withUnsafeBufferPointer { source in
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        parallelFor(outputShape[0]) { image in
          for row in 0..<outputShape[1] {
            for column in 0..<outputShape[2] {
              let input = (image * inputShape[1] + row * stride) * inputShape[2] + column * stride
              let output = (image * outputShape[1] + row) * outputShape[2] + column
              body(source, target, (input * inputShape[3], output * outputShape[3] + before))
            }
          }
        }
      }
    }
    return result
  }
}
