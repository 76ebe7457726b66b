import TinyTensor

/// How the operands of convolutions, linear layers and matrix products are rounded before they are multiplied, forward and
/// backward; sums, weights, gradients and everything else stay `Float`.
///
/// With `bfloat16` the master weights are kept in `Float` and rounded anew for each step, as in mixed-precision training on
/// hardware with bfloat16 products. The rounding is exact, the kernels are those of `Float`: the mode tells what a training run loses
/// on such hardware; it is no faster here.
public enum ProductPrecision: String, Sendable, Codable, Hashable, CaseIterable {
  /// Operands as they are.
  case float32
  /// Operands rounded to 8 bits of significand.
  case bfloat16

  /// The precision of products recorded in this task.
  @TaskLocal public static var current = ProductPrecision.float32

  /// The operand as it enters a product.
  func rounded(_ operand: Tensor) -> Tensor {
    switch self {
    case .float32: operand
    case .bfloat16: operand.roundedToBFloat16()
    }
  }
}

/// Runs `body` with products recorded at a precision; their backward passes keep it, wherever they run.
public func withProducts<R>(in precision: ProductPrecision, _ body: () throws -> R) rethrows -> R {
  try ProductPrecision.$current.withValue(precision, operation: body)
}
