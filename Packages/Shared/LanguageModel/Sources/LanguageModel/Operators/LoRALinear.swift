import TinyTensor

/// A frozen map with a low-rank adapter (Hu et al. 2021): `y = W x + α/r · U D x`.
public struct LoRALinear: PlannedOperator {
  /// The frozen map.
  public let base: DenseLinear
  /// D `[rank, inputs]`.
  public let down: DenseLinear
  /// U `[outputs, rank]`.
  public let up: DenseLinear
  /// α/r.
  public let scale: Float

  /// The map `base` with the adapter D = `down` `[rank, inputs]`, U = `up` `[outputs, rank]`, scale = α/r.
  public init(base: DenseLinear, down: Tensor, up: Tensor, scale: Float, identifier: String) {
    precondition(
      down.shape == [up.shape[1], base.inputWidth] && up.shape[0] == base.outputWidth,
      "adapter \(down.shape), \(up.shape) does not fit a map \(base.inputWidth) → \(base.outputWidth)")
    self.base = base
    self.down = DenseLinear(down, identifier: identifier + ".down")
    self.up = DenseLinear(up, identifier: identifier + ".up")
    self.scale = scale
  }

  /// The rank of the adapter.
  public var rank: Int { down.outputWidth }
  /// The number of inputs.
  public var inputWidth: Int { base.inputWidth }
  /// The number of outputs.
  public var outputWidth: Int { base.outputWidth }
  /// The names of the parts.
  public var identifier: String { "\(base.identifier)+\(scale)*\(up.identifier)*\(down.identifier)" }
  /// W + α/r · U D, `[outputs, inputs]`.
  public var weight: Tensor { base.weight + matmul(up.weight, down.weight) * scale }

  /// The adapter merged into the weights, in floats.
  public func merged() -> DenseLinear { DenseLinear(weight, identifier: "merged(\(identifier))") }

  var plan: LinearPlan { .adapted(base: base.matrix, down: down.matrix, up: up.matrix, scale: scale) }
}
