import TinyTensor

/// RMSprop by PyTorch's recurrence: `v = αv + (1−α)g²;  d = g / (sqrt(v) + ε);  b = momentum · b + d;  w −= rate · b`.
public struct RMSprop: Optimizer {
  /// α, decay of the mean of the squared gradients.
  public var smoothing: Float
  /// ε, added to the root.
  public var epsilon: Float
  /// Momentum on the normalised gradient.
  public var momentum: Float
  /// λ of the penalty λ/2 · w².
  public var weightDecay: Float
  /// Exceptions from learning rate and decay.
  public var groups: [ParameterGroup]

  private var square = Slots()
  private var buffer = Slots()

  /// Creates the optimiser with PyTorch's defaults.
  public init(
    smoothing: Float = 0.99, epsilon: Float = 1e-8, momentum: Float = 0, weightDecay: Float = 0,
    groups: [ParameterGroup] = []
  ) {
    self.smoothing = smoothing
    self.epsilon = epsilon
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.groups = groups
  }

  /// Changes every parameter that has a gradient; see the recurrence above.
  public mutating func step(_ parameters: [Variable], learningRate: Float) {
    let (smoothing, epsilon, momentum) = (smoothing, epsilon, momentum)
    parameters.forEachGradient { key, parameter, gradient in
      let (rate, decay) = groups.rates(for: parameter, learningRate: learningRate, weightDecay: weightDecay)
      square.update(key, shape: parameter.shape) { square in
        buffer.update(key, shape: parameter.shape) { buffer in
          UpdateKernel.apply(parameter, gradient, &square, &buffer) { w, g, v, b in
            let total = g + decay * w
            v = smoothing * v + (1 - smoothing) * total * total
            b = momentum * b + total / (v.squareRoot() + epsilon)
            w -= rate * b
          }
        }
      }
    }
  }

  /// The mean squares `"v.<parameter>"` and the momentum buffers `"b.<parameter>"`.
  public var state: [String: Tensor] {
    get { square.prefixed("v.").merging(buffer.prefixed("b.")) { first, _ in first } }
    set {
      square = Slots(newValue, prefix: "v.")
      buffer = Slots(newValue, prefix: "b.")
    }
  }
}
