/// The order in which a claim expects its measured values.
public enum Ordering: String, Sendable, Codable, Hashable, CaseIterable {
  /// Each value is at most the next.
  case ascending
  /// Each value is less than the next.
  case strictlyAscending
  /// Each value is at least the next.
  case descending
  /// Each value is greater than the next.
  case strictlyDescending

  /// Whether `values` stand in this order. NaN is in no order.
  public func holds(for values: [Double]) -> Bool {
    zip(values, values.dropFirst()).allSatisfy { first, second in
      switch self {
      case .ascending: first <= second
      case .strictlyAscending: first < second
      case .descending: first >= second
      case .strictlyDescending: first > second
      }
    }
  }

  /// The relation sign between neighbours.
  var sign: String {
    switch self {
    case .ascending: "≤"
    case .strictlyAscending: "<"
    case .descending: "≥"
    case .strictlyDescending: ">"
    }
  }
}
