import TinyTensor

/// The parameter-free shortcut of CIFAR ResNets ("option A"): every `stride`-th pixel in both directions, with zero channels
/// added `before` and `after` the given ones.
///
/// `[batch, height, width, channels]` → `[batch, ⌈height / stride⌉, ⌈width / stride⌉, before + channels + after]`.
public func padShortcut(_ x: Variable, stride: Int = 2, before: Int, after: Int) -> Variable {
  precondition(x.shape.count == 4, "padShortcut needs [batch, height, width, channels], the shape is \(x.shape)")
  precondition(stride > 0 && before >= 0 && after >= 0, "padShortcut: stride \(stride), padding \(before) and \(after)")
  let shape = x.shape
  let geometry = ShortcutGeometry(shape, stride: stride, before: before, after: after)
  var value = Tensor(zeros: geometry.outputShape)
  geometry.forEachPixel(x.value, &value) { input, output, channels in output.update(from: input, count: channels) }
  return Variable.result("padShortcut", x, value) { gradient in
    var result = Tensor(zeros: shape)
    geometry.forEachPixel(&result, gradient) { input, output, channels in input.update(from: output, count: channels) }
    return result
  }
}

/// Which pixels of input and output of the shortcut belong together.
private struct ShortcutGeometry {
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

  func forEachPixel(
    _ input: Tensor, _ output: inout Tensor,
    _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    output.withUnsafeMutableBufferPointer { target in
      input.withUnsafeBufferPointer { source in
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        forEachOffset { body(source + $0, target + $1, inputShape[3]) }
      }
    }
  }

  func forEachPixel(
    _ input: inout Tensor, _ output: Tensor,
    _ body: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
  ) {
    input.withUnsafeMutableBufferPointer { target in
      output.withUnsafeBufferPointer { source in
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        forEachOffset { body(target + $0, source + $1, inputShape[3]) }
      }
    }
  }

  private func forEachOffset(_ body: (_ input: Int, _ output: Int) -> Void) {
    parallelFor(outputShape[0]) { image in
      for row in 0..<outputShape[1] {
        for column in 0..<outputShape[2] {
          let source = (image * inputShape[1] + row * stride) * inputShape[2] + column * stride
          let target = (image * outputShape[1] + row) * outputShape[2] + column
          body(source * inputShape[3], target * outputShape[3] + before)
        }
      }
    }
  }
}
