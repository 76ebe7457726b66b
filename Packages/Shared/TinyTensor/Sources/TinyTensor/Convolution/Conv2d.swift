/// 2-D convolution (cross-correlation with zero padding).
///
/// - Parameters:
///   - x: input, `[batch, height, width, channels]`.
///   - weight: `[out, in / groups, kernelHeight, kernelWidth]`, as in PyTorch.
///   - bias: `[out]`, added to every pixel.
///   - geometry: must agree with the shapes.
///   - algorithm: how; ``ConvAlgorithm/direct`` for the rounding of a plain sum.
/// - Returns: `[batch, outputHeight, outputWidth, out]`.
public func conv2d(
  _ x: Tensor, weight: Tensor, bias: Tensor? = nil, geometry: ConvGeometry, algorithm: ConvAlgorithm = .automatic
) -> Tensor {
  check(geometry, x: x, weight: weight)
  precondition(bias == nil || bias?.count == geometry.outputChannels, "conv2d: one bias per output channel")
  return .filled(geometry.outputShape) { output in
    withPointers(x, weight) { input, weights in
      withOptionalPointer(bias) { bias in
        ConvolutionKernel.forward(
          geometry, input: input, weight: weights, output: output, epilogue: Epilogue(bias: bias), algorithm: algorithm)
      }
    }
  }
}

/// The gradient of `conv2d` with respect to its input: `dy` is `[batch, outputHeight, outputWidth, out]`, the result has the
/// shape of the input.
public func conv2dInputGradient(
  _ dy: Tensor, weight: Tensor, geometry: ConvGeometry, algorithm: ConvAlgorithm = .automatic
) -> Tensor {
  check(geometry, dy: dy, weight: weight)
  return .filled(geometry.inputShape) { target in
    withPointers(dy, weight) { gradient, weights in
      ConvolutionKernel.inputGradient(
        geometry, outputGradient: gradient, weight: weights, target: target, algorithm: algorithm)
    }
  }
}

/// The gradient of `conv2d` with respect to its weight, `[out, in / groups, kernelHeight, kernelWidth]`, summed over the batch in
/// fixed chunks.
public func conv2dWeightGradient(
  _ x: Tensor, _ dy: Tensor, geometry: ConvGeometry, algorithm: ConvAlgorithm = .automatic
) -> Tensor {
  check(geometry, x: x, dy: dy)
  return .filled(geometry.weightShape) { target in
    withPointers(x, dy) { input, gradient in
      ConvolutionKernel.weightGradient(
        geometry, input: input, outputGradient: gradient, target: target, algorithm: algorithm)
    }
  }
}

private func check(_ geometry: ConvGeometry, x: Tensor? = nil, dy: Tensor? = nil, weight: Tensor? = nil) {
  if let x { precondition(x.shape == geometry.inputShape, "conv2d: input \(x.shape) ≠ \(geometry.inputShape)") }
  if let weight {
    precondition(weight.shape == geometry.weightShape, "conv2d: weight \(weight.shape) ≠ \(geometry.weightShape)")
  }
  if let dy { precondition(dy.shape == geometry.outputShape, "conv2d: gradient \(dy.shape) ≠ \(geometry.outputShape)") }
}
