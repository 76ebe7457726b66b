/// How much work a reproduction does.
public enum Scale: String, Sendable, Codable, Hashable, CaseIterable {
  /// Minutes: the shape of the result, on subsets.
  case quick
  /// Up to an hour: the result itself.
  case full
}
