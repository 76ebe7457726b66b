/// A function of single numbers that an operation applies to its result in the same pass over memory.
public enum FusedActivation: String, Sendable, Codable, CaseIterable {
  /// The result as it is.
  case identity
  /// `max(x, 0)`; the derivative at 0 is 0.
  case relu
  /// `x · Φ(x)`; see ``gelu(_:)``.
  case gelu
}
