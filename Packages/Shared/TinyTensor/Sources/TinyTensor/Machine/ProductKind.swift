/// The kinds of numbers that matrix products multiply.
public enum ProductKind: String, Sendable, Codable, CaseIterable {
  /// `Float` times `Float`, summed in `Float`.
  case float32
  /// `BFloat16` times `BFloat16`, summed in `Float`.
  case bfloat16
  /// `Int8` times `Int8`, summed in `Int32`.
  case int8
}
