import TinyTensor

/// A linear map `y = W x` that can stand in for a weight matrix of the model: dense, factored, adapted, or one's own.
///
/// ```swift
/// let smaller = FactoredLinear(basis: b, coefficients: c)
/// let model = try original.replacing([LinearAddress(layer: 3, site: .gate): smaller])
/// ```
public protocol LinearOperator: Sendable {
  /// The length of x.
  var inputWidth: Int { get }
  /// The length of y.
  var outputWidth: Int { get }
  /// Names the operator and its content in the identity of a model that uses it; equal names mean equal maps.
  var identifier: String { get }
  /// The equivalent dense matrix `[outputWidth, inputWidth]`.
  var weight: Tensor { get }
  /// Applies the map to every row: `[rows, inputWidth]` → `[rows, outputWidth]`.
  func apply(_ input: Tensor, numerics: Numerics) -> Tensor
}

/// How the forward pass executes an operator.
enum LinearPlan: Sendable {
  /// One packed matrix.
  case packed(PackedMatrix)
  /// Two packed matrices in sequence.
  case factored(basis: PackedMatrix, coefficients: PackedMatrix)
  /// A packed matrix plus `scale` times two in sequence.
  case adapted(base: PackedMatrix, down: PackedMatrix, up: PackedMatrix, scale: Float)
  /// Through ``LinearOperator/apply(_:numerics:)``.
  case custom(any LinearOperator)

  init(_ linear: any LinearOperator) {
    if let known = linear as? any PlannedOperator { self = known.plan } else { self = .custom(linear) }
  }

  /// Whether a kernel wants the input in 8 bits.
  var readsQuantized: Bool {
    switch self {
    case .packed(let matrix), .factored(let matrix, _): matrix.format != .float
    case .adapted(let base, let down, _, _): base.format != .float || down.format != .float
    case .custom: false
    }
  }
}

/// An operator with a plan for the kernels.
protocol PlannedOperator: LinearOperator {
  var plan: LinearPlan { get }
}

extension PlannedOperator {
  /// Applies the map through the kernels of the forward pass.
  public func apply(_ input: Tensor, numerics: Numerics) -> Tensor {
    precondition(
      input.rank == 2 && input.shape[1] == inputWidth, "an operator with \(inputWidth) inputs got \(input.shape)")
    return LinearPass.apply(plan, to: input, outputWidth: outputWidth, numerics: numerics)
  }
}
