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
  /// How outputs are computed; ``ConvAlgorithm/automatic`` decides by the size of the image.
  public let algorithm: ConvAlgorithm
  /// Weights in the order of each algorithm that may be asked for.
  private let direct: Tensor?
  private let winograd: Tensor?
  private let bias: Tensor?

  /// Packs a weight `[out, in / groups, kernelHeight, kernelWidth]` and an optional bias `[out]`.
  ///
  /// Weights for ``ConvAlgorithm/winograd`` take four times the memory of those for ``ConvAlgorithm/direct``, and
  /// ``ConvAlgorithm/automatic`` holds both where both may be wanted. Whoever knows the image size passes
  /// ``ConvAlgorithm/resolved(for:)``.
  public init(
    weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    algorithm: ConvAlgorithm = .automatic
  ) {
    precondition(weight.rank == 4, "PackedConv needs a weight of rank 4, the shape is \(weight.shape)")
    precondition(bias == nil || bias?.count == weight.shape[0], "PackedConv: one bias per output channel")
    weightShape = weight.shape
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.bias = bias
    // The packed order depends on channels, taps and groups only. A large image (64 pixels for 3×3) also tells whether Winograd's
    // algorithm can ever pay; smaller ones may still fall back to the direct sum.
    let extent = Swift.max(weight.shape[2], weight.shape[3]) * dilation + 61
    guard
      let geometry = try? ConvGeometry(
        input: [1, extent, extent, weight.shape[1] * groups], weight: weight.shape, stride: stride, padding: padding,
        dilation: dilation, groups: groups)
    else {
      preconditionFailure("PackedConv: weight \(weight.shape) with \(groups) groups is no convolution")
    }
    let useWinograd = algorithm.resolved(for: geometry) == .winograd
    self.algorithm = useWinograd ? algorithm : .direct
    let pack = { (algorithm: ConvAlgorithm) in
      weight.withPointer { ConvolutionKernel.packedWeights(geometry, weight: $0, algorithm: algorithm) }
    }
    winograd = useWinograd ? pack(.winograd) : nil
    direct = useWinograd && algorithm == .winograd ? nil : pack(.direct)
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
    let chosen = algorithm.resolved(for: geometry)
    guard let packed = chosen == .winograd ? winograd : direct else {
      preconditionFailure("PackedConv: no weights were packed for \(chosen)")
    }
    return .filled(geometry.outputShape) { output in
      withPointers(x, packed) { input, weights in
        withOptionalPointer(bias) { bias in
          withOptionalPointer(residual) { residual in
            ConvolutionKernel.forward(
              geometry, input: input, packedWeights: weights, output: output,
              epilogue: Epilogue(bias: bias, residual: residual, relu: useReLU), algorithm: chosen)
          }
        }
      }
    }
  }
}
