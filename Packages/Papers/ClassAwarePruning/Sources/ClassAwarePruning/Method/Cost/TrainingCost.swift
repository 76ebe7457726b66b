import TinyNN
import TinyTensor
import VisionModels

/// The paper's training cost beside the cross-entropy (section 2.3): `λ1 · Σ‖p‖₁ + λ2 · Σ‖conv(W, W) − I₀‖_F`.
///
/// The first sum runs over all trainable parameters, the second over the 3×3 convolutions.
public struct TrainingCost: Sendable, Hashable, Codable {
  /// λ1, weight of the absolute values of all trainable parameters.
  public var l1: Float
  /// λ2, weight of the orthogonality of the 3×3 convolutions.
  public var orthogonality: Float
  /// Evaluate the orthogonality only every so many steps, with as many times the weight.
  public var orthogonalityEvery: Int

  /// Creates a cost; the defaults are the paper's.
  public init(l1: Float = 1e-4, orthogonality: Float = 1e-2, orthogonalityEvery: Int = 1) {
    self.l1 = l1
    self.orthogonality = orthogonality
    self.orthogonalityEvery = orthogonalityEvery
  }

  /// Plain cross-entropy.
  public static let none = TrainingCost(l1: 0, orthogonality: 0)

  /// Whether there is anything beside the cross-entropy.
  public var isPlain: Bool { l1 == 0 && orthogonality == 0 }

  /// Checks the weights.
  /// - Throws: ``PruneError/invalidOption(_:value:expected:)``.
  public func validate() throws(PruneError) {
    for (name, value) in [("lambda 1 (l1)", l1), ("lambda 2 (orthogonality)", orthogonality)] {
      guard value >= 0, value.isFinite else {
        throw .invalidOption(name, value: "\(value)", expected: "0 or more")
      }
    }
    guard orthogonalityEvery >= 1 else {
      throw .invalidOption("orthogonalityEvery", value: "\(orthogonalityEvery)", expected: "1 or more steps")
    }
  }

  /// The regularisers' part of the loss as a differentiable scalar.
  /// - Parameter step: number of the training step, for ``orthogonalityEvery``.
  /// - Returns: nil if nothing applies in this step.
  public func variable(_ parameters: ParameterSet, step: Int = 0) -> Variable? {
    let usesOrthogonality = orthogonality > 0 && step % orthogonalityEvery == 0
    guard l1 > 0 || usesOrthogonality else { return nil }
    let leaves = parameters.trainable
    let lambda2 = usesOrthogonality ? orthogonality * Float(orthogonalityEvery) : 0
    var value = 0.0
    var norms: [Tensor?] = []
    for leaf in leaves {
      if l1 > 0 { value += Double(l1) * L1Kernel.sum(leaf.variable.value) }
      guard lambda2 > 0, Self.isOrthogonalised(leaf) else {
        norms.append(nil)
        continue
      }
      let term = OrthogonalityKernel.evaluate(leaf.variable.value, gradient: true)
      value += Double(lambda2 * term.norm)
      norms.append(term.gradient)
    }
    let lambda1 = l1
    return Variable.custom(
      "trainingCost", inputs: leaves.map(\.variable), value: Tensor(scalar: Float(value))
    ) { seed, needed in
      zip(leaves, norms).enumerated().map { index, entry in
        guard needed[index] else { return nil }
        return L1Kernel.gradient(
          entry.0.variable.value, lambda: lambda1 * seed.item, adding: entry.1, scaledBy: lambda2 * seed.item)
      }
    }
  }

  /// The three terms of the cost for given parameters, weights included.
  public func terms(_ parameters: ParameterSet, crossEntropy: Float) -> CostTerms {
    var absolute = 0.0
    var orthogonal = 0.0
    for leaf in parameters.trainable {
      absolute += L1Kernel.sum(leaf.variable.value)
      if Self.isOrthogonalised(leaf) {
        orthogonal += Double(OrthogonalityKernel.evaluate(leaf.variable.value, gradient: false).norm)
      }
    }
    return CostTerms(
      crossEntropy: crossEntropy, l1: Float(Double(l1) * absolute),
      orthogonality: Float(Double(orthogonality) * orthogonal))
  }

  private static func isOrthogonalised(
    _ leaf: ParameterSet.Entry
  ) -> Bool {
    leaf.role == .weight && leaf.variable.shape.count == 4 && Array(leaf.variable.shape.suffix(2)) == [3, 3]
  }
}

/// The three terms of the training cost, each with its weight.
public struct CostTerms: Sendable, Hashable, Codable {
  /// Mean cross-entropy, nats.
  public let crossEntropy: Float
  /// `λ1 · Σ‖p‖₁`.
  public let l1: Float
  /// `λ2 · Σ‖conv(W, W) − I₀‖_F`.
  public let orthogonality: Float

  /// The whole cost.
  public var total: Float { crossEntropy + l1 + orthogonality }
}

/// The orthogonality of one 3×3 kernel tensor, for inspection.
/// - Parameter weight: `[out, in, 3, 3]`.
/// - Returns: `‖conv(W, W; stride 1, pad 1) − I₀‖_F` and its gradient.
public func kernelOrthogonality(_ weight: Tensor) -> (norm: Float, gradient: Tensor) {
  precondition(
    weight.rank == 4 && weight.shape[2] == 3 && weight.shape[3] == 3,
    "kernelOrthogonality needs a weight [out, in, 3, 3], got \(weight.shape)")
  let result = OrthogonalityKernel.evaluate(weight, gradient: true)
  return (result.norm, result.gradient ?? Tensor(zeros: weight.shape))
}
