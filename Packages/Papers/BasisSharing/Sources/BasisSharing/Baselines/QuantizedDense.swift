import LanguageModel

/// Uniform quantisation of the dense matrices: what users really choose between.
public enum QuantizedDense {
  /// The model with every block matrix rounded to a format, and the bytes of the block matrices.
  ///
  /// - Throws: `QuantizationError` where a matrix does not fit the format.
  public static func model(_ model: LlamaModel, as type: TensorType) throws -> (model: LlamaModel, bytes: Int) {
    var operators: [LinearAddress: any LinearOperator] = [:]
    var bytes = 0
    for layer in 0..<model.config.layers {
      for site in LinearSite.allCases {
        let address = LinearAddress(layer: layer, site: site)
        let matrix = try QuantizedMatrix(quantizing: model.linear(address).weight, as: type)
        bytes += matrix.byteCount
        operators[address] = DenseLinear(matrix, identifier: type.name)
      }
    }
    return (try model.replacing(operators), bytes)
  }
}
