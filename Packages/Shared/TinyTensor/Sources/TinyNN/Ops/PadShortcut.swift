import TinyTensor

/// The parameter-free shortcut of CIFAR ResNets ("option A"): every `stride`-th pixel in both directions, with zero channels
/// added `before` and `after` the given ones.
///
/// `[batch, height, width, channels]` → `[batch, ⌈height / stride⌉, ⌈width / stride⌉, before + channels + after]`.
public func padShortcut(_ x: Variable, stride: Int = 2, before: Int, after: Int) -> Variable {
  precondition(x.shape.count == 4, "padShortcut needs [batch, height, width, channels], the shape is \(x.shape)")
  precondition(stride > 0 && before >= 0 && after >= 0, "padShortcut: stride \(stride), padding \(before) and \(after)")
  let kernel = ShortcutKernel(x.shape, stride: stride, before: before, after: after)
  return Variable.result("padShortcut", x, kernel.forward(x.value)) { kernel.backward($0) }
}
