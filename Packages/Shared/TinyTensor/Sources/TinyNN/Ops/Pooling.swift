import TinyTensor

/// Max-pooling over square windows of `[batch, height, width, channels]`; the stride is the kernel unless given.
///
/// Among equal inputs the first in row-major order takes the whole gradient. Padding counts as −∞.
public func maxPool2d(_ x: Variable, kernel: Int, stride: Int? = nil, padding: Int = 0) -> Variable {
  guard Variable.isRecording([x]) else {
    return Variable(maxPool2dOutput(x.value, kernel: kernel, stride: stride ?? kernel, padding: padding))
  }
  let (value, indices) = TinyTensor.maxPool2d(x.value, kernel: kernel, stride: stride ?? kernel, padding: padding)
  return Variable.result("maxPool2d", x, value) { maxPool2dGradient($0, indices: indices) }
}

/// Average-pooling over square windows of `[batch, height, width, channels]`; the stride is the kernel unless given.
/// - Parameter countIncludePad: whether padding zeros count in the divisor, as in PyTorch.
public func avgPool2d(
  _ x: Variable, kernel: Int, stride: Int? = nil, padding: Int = 0, countIncludePad: Bool = true
) -> Variable {
  let shape = x.shape
  let step = stride ?? kernel
  let value = TinyTensor.avgPool2d(
    x.value, kernel: kernel, stride: step, padding: padding, countIncludePad: countIncludePad)
  return Variable.result("avgPool2d", x, value) {
    avgPool2dGradient(
      $0, inputShape: shape, kernel: kernel, stride: step, padding: padding, countIncludePad: countIncludePad)
  }
}

/// The mean of every channel over the image, `[batch, height, width, channels]` → `[batch, channels]`.
public func globalAveragePool(_ x: Variable) -> Variable {
  let shape = x.shape
  return Variable.result("globalAveragePool", x, TinyTensor.globalAveragePool(x.value)) {
    globalAveragePoolGradient($0, inputShape: shape)
  }
}
