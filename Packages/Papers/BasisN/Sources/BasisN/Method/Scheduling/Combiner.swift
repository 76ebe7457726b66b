/// How column results become kernel results (section 2.3 of the specification).
public enum Combiner: String, Sendable, Hashable, Codable, CaseIterable {
  /// Column currents are switched onto summing lines, one coefficient bit at a time; the default and the paper's reading.
  case analogRouting
  /// Every column is converted each cycle; its digital value goes to one kernel per cycle.
  case digitalSteering
  /// Column values are latched once per slice and combined for all kernels by digital adders.
  case digitalReuse
}
