import TinyTensor

/// 2-D convolution (cross-correlation with zero padding), as PyTorch's `conv2d` but channels last.
///
/// - Parameters:
///   - x: `[batch, height, width, channels]`.
///   - weight: `[out, in / groups, kernelHeight, kernelWidth]`.
///   - bias: `[out]`.
///   - groups: channel groups; the number of input channels makes it depthwise.
/// - Returns: `[batch, outputHeight, outputWidth, out]`.
public func conv2d(
  _ x: Variable, weight: Variable, bias: Variable? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
  groups: Int = 1
) -> Variable {
  let geometry = geometry(x.shape, weight.shape, stride: stride, padding: padding, dilation: dilation, groups: groups)
  let precision = ProductPrecision.current
  let input = precision.rounded(x.value)
  let kernel = precision.rounded(weight.value)
  let value = TinyTensor.conv2d(input, weight: kernel, bias: bias?.value, geometry: geometry)
  let savedInput = weight.requiresGradient ? input : nil
  let savedWeight = x.requiresGradient ? kernel : nil
  return Variable.result("conv2d", [x, weight] + (bias.map { [$0] } ?? []), value) { gradient, needed in
    let operand = precision.rounded(gradient)
    return [
      needed[0] ? savedWeight.map { conv2dInputGradient(operand, weight: $0, geometry: geometry) } : nil,
      needed[1] ? savedInput.map { conv2dWeightGradient($0, operand, geometry: geometry) } : nil,
    ] + needed.dropFirst(2).map { $0 ? columnSums(gradient) : nil }
  }
}

private func geometry(
  _ input: [Int], _ weight: [Int], stride: Int, padding: Int, dilation: Int, groups: Int
) -> ConvGeometry {
  do {
    return try ConvGeometry(
      input: input, weight: weight, stride: stride, padding: padding, dilation: dilation, groups: groups)
  } catch {
    preconditionFailure("\(error)")
  }
}
