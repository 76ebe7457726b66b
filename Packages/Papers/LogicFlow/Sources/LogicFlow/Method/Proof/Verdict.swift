import LogicFlowVerify

/// What is known about "every input of this region gets this class".
public enum Verdict: Sendable, Hashable {
  /// It is true; the certificate can be checked without trusting the prover.
  case proved(Certificate)
  /// It is false for this input.
  case refuted([UInt8])
  /// Neither was found within the budget; counts as not constant.
  case undecided(nodes: Int)

  /// Whether it is proved.
  public var isProved: Bool {
    if case .proved = self { true } else { false }
  }

  /// One word for tables.
  public var name: String {
    switch self {
    case .proved: "proved"
    case .refuted: "refuted"
    case .undecided: "undecided"
    }
  }
}
