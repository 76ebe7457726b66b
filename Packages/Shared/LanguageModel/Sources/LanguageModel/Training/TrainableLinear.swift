import TinyNN
import TinyTensor

/// A linear map of the model with parameters that are trained.
public enum TrainableLinear {
  /// The model's own frozen map plus `scale · U D` (LoRA): D `[rank, inputs]`, U `[outputs, rank]`.
  case lora(down: Variable, up: Variable, scale: Float)
  /// `(x B) C` in place of the model's map: B `[inputs, rank]`, C `[rank, outputs]`. Maps may share B.
  case factored(basis: Variable, coefficients: Variable)
  /// `x Wᵀ` in place of the model's map: W `[outputs, inputs]`.
  case dense(weight: Variable)

  /// The parameters in a fixed order.
  var variables: [Variable] {
    switch self {
    case .lora(let down, let up, _): [down, up]
    case .factored(let basis, let coefficients): [basis, coefficients]
    case .dense(let weight): [weight]
    }
  }

  /// A LoRA adapter at its usual start (Hu et al. 2021): D normal with standard deviation 1/√rank, U zero, scale α/rank.
  public static func lora(
    for linear: any LinearOperator, rank: Int, alpha: Float, name: String, seed: UInt64
  ) -> TrainableLinear {
    var generator = Philox(seed: seed, stream: name)
    return .lora(
      down: Variable(
        .normal([rank, linear.inputWidth], standardDeviation: 1 / Float(rank).squareRoot(), using: &generator),
        requiresGradient: true, name: name + ".down"),
      up: Variable(Tensor(zeros: [linear.outputWidth, rank]), requiresGradient: true, name: name + ".up"),
      scale: alpha / Float(rank))
  }
}
