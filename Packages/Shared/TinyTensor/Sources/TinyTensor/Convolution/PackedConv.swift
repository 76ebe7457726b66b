/// A convolution for inference: weights packed once, bias, residual and ReLU fused into the store.
public struct PackedConv: Sendable {
  /// PyTorch layout, `[out, in / groups, kernelHeight, kernelWidth]`.
  public let weightShape: [Int]
  /// Step between output positions.
  public let stride: Int
  /// Zeros added on every side.
  public let padding: Int
  /// Distance between kernel taps.
  public let dilation: Int
  /// Channel groups.
  public let groups: Int
  private let packed: Tensor
  private let bias: Tensor?

  /// Packs a weight `[out, in / groups, kernelHeight, kernelWidth]` and an optional bias `[out]`.
  public init(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1
  ) {
    precondition(weight.rank == 4, "PackedConv needs a weight of rank 4, the shape is \(weight.shape)")
    precondition(bias == nil || bias?.count == weight.shape[0], "PackedConv: one bias per output channel")
    weightShape = weight.shape
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.bias = bias
    // The packed order depends on channels, taps and groups only; any image size that fits the kernel describes it.
    let extent = Swift.max(weight.shape[2], weight.shape[3]) * dilation
    guard
      let geometry = try? ConvGeometry(
        input: [1, extent, extent, weight.shape[1] * groups], weight: weight.shape, stride: stride, padding: padding,
        dilation: dilation, groups: groups)
    else {
      preconditionFailure("PackedConv: weight \(weight.shape) with \(groups) groups is no convolution")
    }
    packed = weight.withPointer { ConvolutionKernel.packedWeights(geometry, weight: $0) }
  }

  /// The geometry for an input `[batch, height, width, channels]`.
  public func geometry(input: [Int]) throws(ConvGeometryError) -> ConvGeometry {
    try ConvGeometry(
      input: input, weight: weightShape, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  /// `relu?(conv(x) + bias + residual)`, `[batch, outputHeight, outputWidth, out]`; the residual has the output's shape.
  public func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil, relu useReLU: Bool = false) -> Tensor {
    guard let geometry = try? geometry(input: x.shape) else {
      preconditionFailure("PackedConv: input \(x.shape) does not fit the weight \(weightShape)")
    }
    precondition(
      residual == nil || residual?.shape == geometry.outputShape, "PackedConv: the residual has another shape")
    return .filled(geometry.outputShape) { output in
      withPointers(x, packed) { input, weights in
        withOptionalPointer(bias) { bias in
          withOptionalPointer(residual) { residual in
            ConvolutionKernel.forward(
              geometry, input: input, packedWeights: weights, output: output,
              epilogue: Epilogue(bias: bias, residual: residual, relu: useReLU))
          }
        }
      }
    }
  }
}
