import TinyTensor

/// Stochastic gradient descent with momentum, by PyTorch's recurrence:
/// `g += decay · w;  v = momentum · v + g;  w −= rate · (nesterov ? g + momentum · v : v)`, with `v = g` at the first step.
public struct SGD: Optimizer {
  /// μ, 0 for plain gradient descent.
  public var momentum: Float
  /// Whether to look ahead along the momentum.
  public var nesterov: Bool
  /// λ of the penalty λ/2 · w².
  public var weightDecay: Float
  /// Exceptions from learning rate and decay.
  public var groups: [ParameterGroup]

  private var velocity = Slots()

  /// Creates the optimiser.
  public init(
    momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0, groups: [ParameterGroup] = []
  ) {
    precondition(!nesterov || momentum > 0, "Nesterov needs momentum")
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.groups = groups
  }

  /// Changes every parameter that has a gradient; see the recurrence above.
  public mutating func step(_ parameters: [Variable], learningRate: Float) {
    let momentum = momentum
    let nesterov = nesterov
    parameters.forEachGradient { key, parameter, gradient in
      let (rate, decay) = groups.rates(for: parameter, learningRate: learningRate, weightDecay: weightDecay)
      if momentum == 0 {
        UpdateKernel.apply(parameter, gradient) { w, g in w - rate * (g + decay * w) }
        return
      }
      velocity.update(key, shape: parameter.shape) { velocity in
        // From v = 0 the recurrence gives v = g at the first step.
        if nesterov {
          UpdateKernel.apply(parameter, gradient, &velocity) { w, g, v in
            let total = g + decay * w
            v = momentum * v + total
            w -= rate * (total + momentum * v)
          }
        } else {
          UpdateKernel.apply(parameter, gradient, &velocity) { w, g, v in
            v = momentum * v + (g + decay * w)
            w -= rate * v
          }
        }
      }
    }
  }

  /// The velocities, `"v.<parameter>"`.
  public var state: [String: Tensor] {
    get { velocity.prefixed("v.") }
    set { velocity = Slots(newValue, prefix: "v.") }
  }
}
