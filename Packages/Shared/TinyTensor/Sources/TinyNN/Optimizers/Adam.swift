import Foundation
import TinyTensor

/// Adam (Kingma and Ba, 2015) and, with decoupled weight decay, AdamW (Loshchilov and Hutter, 2019), by PyTorch's recurrence:
/// `m = β₁m + (1−β₁)g;  v = β₂v + (1−β₂)g²;  w −= rate / (1−β₁ᵗ) · m / (sqrt(v) / sqrt(1−β₂ᵗ) + ε)`.
public struct Adam: Optimizer {
  /// How weight decay λ enters.
  public enum Decay: Sendable, Hashable {
    /// Added to the gradient, `g += λw` (Adam).
    case coupled
    /// Shrinks the weights beside the gradient step, `w *= 1 − rate · λ` (AdamW).
    case decoupled
  }

  /// β₁, decay of the mean of the gradients.
  public var beta1: Float
  /// β₂, decay of the mean of their squares.
  public var beta2: Float
  /// ε, added to the root.
  public var epsilon: Float
  /// λ.
  public var weightDecay: Float
  /// How λ enters.
  public var decay: Decay
  /// Exceptions from learning rate and decay.
  public var groups: [ParameterGroup]

  private var mean = Slots()
  private var square = Slots()
  private var steps: [String: Int] = [:]

  /// Creates Adam, or AdamW with `decay: .decoupled`.
  public init(
    beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0, decay: Decay = .coupled,
    groups: [ParameterGroup] = []
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decay = decay
    self.groups = groups
  }

  /// Adam with decoupled weight decay, PyTorch's defaults.
  public static func adamW(
    beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0.01,
    groups: [ParameterGroup] = []
  ) -> Adam {
    Adam(
      beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay, decay: .decoupled, groups: groups)
  }

  /// Changes every parameter that has a gradient; see the recurrence above. Steps are counted per parameter.
  public mutating func step(_ parameters: [Variable], learningRate: Float) {
    let (beta1, beta2, epsilon) = (beta1, beta2, epsilon)
    parameters.forEachGradient { key, parameter, gradient in
      let (rate, decay) = groups.rates(for: parameter, learningRate: learningRate, weightDecay: weightDecay)
      let step = steps[key, default: 0] + 1
      steps[key] = step
      let stepSize = Float(Double(rate) / (1 - pow(Double(beta1), Double(step))))
      let rootScale = Float(1 / (1 - pow(Double(beta2), Double(step))).squareRoot())
      let coupled = self.decay == .coupled ? decay : 0
      let shrink = self.decay == .decoupled ? 1 - rate * decay : 1
      mean.update(key, shape: parameter.shape) { mean in
        square.update(key, shape: parameter.shape) { square in
          UpdateKernel.apply(parameter, gradient, &mean, &square) { w, g, m, v in
            let total = g + coupled * w
            m = beta1 * m + (1 - beta1) * total
            v = beta2 * v + (1 - beta2) * total * total
            w = shrink * w - stepSize * m / (v.squareRoot() * rootScale + epsilon)
          }
        }
      }
    }
  }

  /// The moments `"m.<parameter>"` and `"v.<parameter>"`, and the step counts `"t.<parameter>"` (scalars).
  public var state: [String: Tensor] {
    get {
      let counts = steps.map { ("t." + $0.key, Tensor(scalar: Float($0.value))) }
      return mean.prefixed("m.").merging(square.prefixed("v.")) { first, _ in first }
        .merging(counts) { first, _ in first }
    }
    set {
      mean = Slots(newValue, prefix: "m.")
      square = Slots(newValue, prefix: "v.")
      steps = Slots(newValue, prefix: "t.").tensors.mapValues { Int(exactly: $0.sum().rounded()) ?? 0 }
    }
  }
}
