import TinyTensor

/// A linear map with one weight matrix, quantised or not. Copies share the packed weights.
public struct DenseLinear: PlannedOperator {
  let matrix: PackedMatrix
  /// Names the weights.
  public let identifier: String

  /// The map with the weights of a model file, packed for the kernels in their own precision.
  public init(_ matrix: QuantizedMatrix, identifier: String) {
    self.matrix = PackedMatrix(matrix)
    self.identifier = identifier
  }

  /// The map with the weights `[outputs, inputs]` in floats.
  public init(_ weight: Tensor, identifier: String) {
    matrix = PackedMatrix(weight)
    self.identifier = identifier
  }

  /// The number of inputs.
  public var inputWidth: Int { matrix.columns }
  /// The number of outputs.
  public var outputWidth: Int { matrix.rows }
  /// Bytes of the packed weights.
  public var byteCount: Int { matrix.byteCount }
  /// The weights as floats, `[outputs, inputs]`.
  public var weight: Tensor { matrix.unpacked() }
  var plan: LinearPlan { .packed(matrix) }
}
