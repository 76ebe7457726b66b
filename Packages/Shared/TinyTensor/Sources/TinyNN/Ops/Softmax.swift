import TinyTensor

/// Softmax over the last dimension, stable for logits of any size.
public func softmax(_ x: Variable) -> Variable {
  let value = TinyTensor.softmax(x.value)
  return Variable.result("softmax", x, value) { softmaxGradient($0, output: value) }
}

/// The logarithm of the softmax over the last dimension.
public func logSoftmax(_ x: Variable) -> Variable {
  let value = TinyTensor.logSoftmax(x.value)
  return Variable.result("logSoftmax", x, value) { logSoftmaxGradient($0, output: value) }
}
