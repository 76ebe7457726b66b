import TinyTensor

/// The triangle of attention scores that lies in the future.
enum CausalMaskKernel {
  /// Overwrites the scores `[batch, length, context]` of context positions after `row + context − length`.
  static func fillFuture(_ scores: inout Tensor, with filler: Float) {
    let (batch, length, context) = (scores.shape[0], scores.shape[1], scores.shape[2])
    scores.withUnsafeMutableBufferPointer { buffer in
      guard let output = buffer.baseAddress else { return }
      for row in 0..<batch * length {
        let visible = max(0, row % length + context - length + 1)
        if visible < context { (output + row * context + visible).update(repeating: filler, count: context - visible) }
      }
    }
  }
}
