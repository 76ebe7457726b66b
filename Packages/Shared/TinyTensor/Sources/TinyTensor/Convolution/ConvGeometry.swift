/// A convolution that cannot be: says which number is wrong.
public struct ConvGeometryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One line: what is wrong and what is expected.
  public let description: String
}

/// The shapes of a 2-D convolution (cross-correlation, as in PyTorch's `Conv2d`).
///
/// Input `[batch, inputHeight, inputWidth, inputChannels]`, weight `[outputChannels, inputChannels / groups, kernelHeight,
/// kernelWidth]`, output `[batch, outputHeight, outputWidth, outputChannels]`.
public struct ConvGeometry: Hashable, Sendable {
  /// Images per batch.
  public let batch: Int
  /// Rows of an input image.
  public let inputHeight: Int
  /// Columns of an input image.
  public let inputWidth: Int
  /// Channels of the input.
  public let inputChannels: Int
  /// Channels of the output.
  public let outputChannels: Int
  /// Rows of the kernel.
  public let kernelHeight: Int
  /// Columns of the kernel.
  public let kernelWidth: Int
  /// Step between output positions, both directions.
  public let stride: Int
  /// Zeros added on every side.
  public let padding: Int
  /// Distance between kernel taps, 1 for an ordinary convolution.
  public let dilation: Int
  /// Channel groups; `inputChannels` for a depthwise convolution.
  public let groups: Int

  /// Checks that the numbers describe a convolution with a non-empty output.
  public init(
    batch: Int, inputHeight: Int, inputWidth: Int, inputChannels: Int, outputChannels: Int, kernelHeight: Int,
    kernelWidth: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1
  ) throws(ConvGeometryError) {
    func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(ConvGeometryError) {
      if !condition { throw ConvGeometryError(description: "impossible convolution: " + message()) }
    }
    try require(batch >= 0, "batch is \(batch), expected 0 or more")
    try require(
      inputHeight > 0 && inputWidth > 0, "input is \(inputHeight)×\(inputWidth) pixels, expected at least 1×1")
    try require(
      inputChannels > 0 && outputChannels > 0,
      "\(inputChannels) input and \(outputChannels) output channels, expected at least 1 of each")
    try require(
      kernelHeight > 0 && kernelWidth > 0, "kernel is \(kernelHeight)×\(kernelWidth), expected at least 1×1")
    try require(
      stride > 0 && padding >= 0 && dilation > 0,
      "stride \(stride), padding \(padding), dilation \(dilation), expected ≥ 1, ≥ 0, ≥ 1")
    try require(
      groups > 0 && inputChannels % groups == 0 && outputChannels % groups == 0,
      "\(groups) groups do not divide \(inputChannels) input and \(outputChannels) output channels")
    try require(
      inputHeight + 2 * padding >= dilation * (kernelHeight - 1) + 1
        && inputWidth + 2 * padding >= dilation * (kernelWidth - 1) + 1,
      "a \(kernelHeight)×\(kernelWidth) kernel with dilation \(dilation) does not fit into \(inputHeight)×\(inputWidth) "
        + "pixels with padding \(padding)")
    self.batch = batch
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// The geometry of an input shape `[batch, height, width, channels]` under a weight shape `[out, in / groups, height, width]`.
  public init(
    input: [Int], weight: [Int], stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1
  ) throws(ConvGeometryError) {
    guard input.count == 4 && weight.count == 4 else {
      throw ConvGeometryError(
        description: "impossible convolution: input \(input) and weight \(weight) must have four dimensions each")
    }
    guard groups > 0 && weight[1] * groups == input[3] else {
      throw ConvGeometryError(
        description:
          "impossible convolution: weight \(weight) with \(groups) groups takes \(weight[1] * groups) channels, "
          + "the input \(input) has \(input[3])")
    }
    try self.init(
      batch: input[0], inputHeight: input[1], inputWidth: input[2], inputChannels: input[3],
      outputChannels: weight[0], kernelHeight: weight[2], kernelWidth: weight[3], stride: stride, padding: padding,
      dilation: dilation, groups: groups)
  }

  /// Rows of an output image.
  public var outputHeight: Int { (inputHeight + 2 * padding - dilation * (kernelHeight - 1) - 1) / stride + 1 }
  /// Columns of an output image.
  public var outputWidth: Int { (inputWidth + 2 * padding - dilation * (kernelWidth - 1) - 1) / stride + 1 }
  /// Shape of the input.
  public var inputShape: [Int] { [batch, inputHeight, inputWidth, inputChannels] }
  /// Shape of the weight, PyTorch's order.
  public var weightShape: [Int] { [outputChannels, inputChannels / groups, kernelHeight, kernelWidth] }
  /// Shape of the output.
  public var outputShape: [Int] { [batch, outputHeight, outputWidth, outputChannels] }
  /// Multiply–accumulate operations of the whole batch, padding counted as if it were data.
  public var macs: Int {
    batch * outputHeight * outputWidth * outputChannels * (inputChannels / groups) * kernelHeight * kernelWidth
  }
}
