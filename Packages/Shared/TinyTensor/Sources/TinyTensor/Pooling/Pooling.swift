/// Max-pooling over square windows; padding counts as -∞.
///
/// - Returns: the maxima `[batch, outputHeight, outputWidth, channels]` and, for the gradient, which inputs they are. Among equal
///   inputs the first in row-major order is taken.
public func maxPool2d(
  _ x: Tensor, kernel: Int, stride: Int, padding: Int = 0
) -> (output: Tensor, indices: PoolIndices) {
  let geometry = PoolGeometry(x.shape, kernel: kernel, stride: stride, padding: padding)
  let indices = PoolIndices(geometry)
  let output = Tensor.filled(geometry.outputShape) { target in
    x.withPointer { PoolKernel.maximum($0, geometry, into: target, indices: indices.pointer) }
  }
  return (output, indices)
}

/// The maxima of `maxPool2d` alone, where no gradient is wanted.
public func maxPool2dOutput(_ x: Tensor, kernel: Int, stride: Int, padding: Int = 0) -> Tensor {
  let geometry = PoolGeometry(x.shape, kernel: kernel, stride: stride, padding: padding)
  return .filled(geometry.outputShape) { target in
    x.withPointer { PoolKernel.maximum($0, geometry, into: target, indices: nil) }
  }
}

/// The gradient of `maxPool2d` with respect to its input: each output's gradient goes to the input that was chosen.
public func maxPool2dGradient(_ dy: Tensor, indices: PoolIndices) -> Tensor {
  precondition(dy.count == indices.count, "maxPool2dGradient: \(dy.count) gradients for \(indices.count) outputs")
  return .filled(indices.inputShape) { target in
    dy.withPointer { PoolKernel.maximumGradient($0, indices: indices.pointer, indices.geometry, into: target) }
  }
}

/// Average pooling over square windows, zero padding.
///
/// `countIncludePad` tells whether padding counts in the divisor (PyTorch's default) or only real inputs do.
public func avgPool2d(
  _ x: Tensor, kernel: Int, stride: Int, padding: Int = 0, countIncludePad: Bool = true
) -> Tensor {
  let geometry = PoolGeometry(x.shape, kernel: kernel, stride: stride, padding: padding)
  return .filled(geometry.outputShape) { target in
    x.withPointer { AveragePoolKernel.average($0, geometry, countIncludePad: countIncludePad, into: target) }
  }
}

/// The gradient of `avgPool2d` with respect to its input of shape `inputShape`.
public func avgPool2dGradient(
  _ dy: Tensor, inputShape: [Int], kernel: Int, stride: Int, padding: Int = 0, countIncludePad: Bool = true
) -> Tensor {
  let geometry = PoolGeometry(inputShape, kernel: kernel, stride: stride, padding: padding)
  precondition(dy.shape == geometry.outputShape, "avgPool2dGradient: \(dy.shape) ≠ \(geometry.outputShape)")
  return .filled(inputShape) { target in
    dy.withPointer { AveragePoolKernel.gradient($0, geometry, countIncludePad: countIncludePad, into: target) }
  }
}

/// The mean over all pixels: `[batch, height, width, channels]` → `[batch, channels]`.
public func globalAveragePool(_ x: Tensor) -> Tensor {
  precondition(x.rank == 4, "globalAveragePool needs [batch, height, width, channels], the shape is \(x.shape)")
  return .filled([x.shape[0], x.shape[3]]) { target in
    x.withPointer {
      AveragePoolKernel.globalAverage(
        $0, batch: x.shape[0], pixels: x.shape[1] * x.shape[2], channels: x.shape[3], into: target)
    }
  }
}

/// The gradient of `globalAveragePool` with respect to its input of shape `inputShape`; `dy` is `[batch, channels]`.
public func globalAveragePoolGradient(_ dy: Tensor, inputShape: [Int]) -> Tensor {
  precondition(
    inputShape.count == 4 && dy.shape == [inputShape[0], inputShape[3]],
    "globalAveragePoolGradient: \(dy.shape) does not fit the input \(inputShape)")
  return .filled(inputShape) { target in
    dy.withPointer {
      AveragePoolKernel.globalAverageGradient(
        $0, batch: inputShape[0], pixels: inputShape[1] * inputShape[2], channels: inputShape[3], into: target)
    }
  }
}
