import TinyTensor

/// Attributes of a two-dimensional convolution (cross-correlation, as in PyTorch) with square kernels.
///
/// Parameters of a node `n`: `n.weight` `[outputChannels, inputChannels / groups, kernel, kernel]` and, if `bias`,
/// `n.bias` `[outputChannels]`.
public struct Conv2d: Sendable, Hashable {
  /// Channels of the input map.
  public var inputChannels: Int
  /// Channels (filters) of the output map.
  public var outputChannels: Int
  /// Height and width of the kernel.
  public var kernel: Int
  /// Step between output positions, in pixels.
  public var stride: Int
  /// Zero pixels added on every side.
  public var padding: Int
  /// Distance between kernel taps, in pixels.
  public var dilation: Int
  /// Number of independent channel groups; `inputChannels` for a depthwise convolution.
  public var groups: Int
  /// Whether a bias per output channel is added.
  public var bias: Bool

  /// Creates the attributes; the defaults are PyTorch's, but without bias, as usual before batch normalisation.
  public init(
    inputChannels: Int, outputChannels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = false
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.bias = bias
  }

  /// The shapes of the convolution of one image `[height, width, channels]`; nil where the image does not fit.
  public func geometry(input: [Int]) -> ConvGeometry? {
    try? ConvGeometry(
      input: [1] + input, weight: [outputChannels, inputChannels / groups, kernel, kernel], stride: stride,
      padding: padding, dilation: dilation, groups: groups)
  }
}

/// Attributes of batch normalisation over the last (channel) dimension.
///
/// Parameters of a node `n`: `n.weight` (γ), `n.bias` (β) and the buffers `n.running_mean`, `n.running_var`, all
/// `[channels]`.
public struct BatchNorm: Sendable, Hashable {
  /// Channels of the map.
  public var channels: Int
  /// Added to the variance before the square root.
  public var epsilon: Float
  /// Weight of the new batch in the running statistics (PyTorch's convention).
  public var momentum: Float

  /// Creates the attributes; the defaults are PyTorch's.
  public init(channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
    self.channels = channels
    self.epsilon = epsilon
    self.momentum = momentum
  }
}

/// Attributes of a fully connected layer: `y = x · weightᵀ + bias`.
///
/// Parameters of a node `n`: `n.weight` `[outputFeatures, inputFeatures]` and, if `bias`, `n.bias` `[outputFeatures]`.
public struct Linear: Sendable, Hashable {
  /// Length of the input vector.
  public var inputFeatures: Int
  /// Length of the output vector.
  public var outputFeatures: Int
  /// Whether a bias is added.
  public var bias: Bool

  /// Creates the attributes.
  public init(inputFeatures: Int, outputFeatures: Int, bias: Bool = true) {
    self.inputFeatures = inputFeatures
    self.outputFeatures = outputFeatures
    self.bias = bias
  }
}

/// Window of a pooling layer.
public struct Pool: Sendable, Hashable {
  /// Height and width of the window.
  public var kernel: Int
  /// Step between windows, in pixels.
  public var stride: Int
  /// Pixels added on every side (never the maximum; counted in an average only if the layer says so).
  public var padding: Int

  /// Creates a window; the stride is the kernel unless given.
  public init(kernel: Int, stride: Int? = nil, padding: Int = 0) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
  }
}

/// The parameter-free "option A" shortcut of CIFAR ResNets (He et al. 2016): every `stride`-th pixel, with constant
/// zero channels around the data.
public struct PadShortcut: Sendable, Hashable {
  /// Step between the pixels that are kept.
  public var stride: Int
  /// Zero channels in front of the data channels.
  public var before: Int
  /// Zero channels behind the data channels.
  public var after: Int

  /// Creates the attributes.
  public init(stride: Int, before: Int, after: Int) {
    self.stride = stride
    self.before = before
    self.after = after
  }
}
