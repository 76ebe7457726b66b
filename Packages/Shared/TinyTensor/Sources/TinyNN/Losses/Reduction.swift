/// How the losses of single samples or elements become one number.
public enum Reduction: String, Sendable, Codable, Hashable {
  /// Their mean (weighted, where there are class weights).
  case mean
  /// Their sum.
  case sum
}
