/// What happens to the factors of a group behind the truncated SVD, on the inputs of the dense model.
public enum RefitMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// Nothing: the paper's method.
  case none
  /// Coefficients are refitted to each layer's own inputs.
  case own
  /// Coefficients and basis are refitted in turn.
  case alternating
}
