/// Where a proof goes on separately on two sides.
public enum Split: Codable, Hashable, Sendable {
  /// On the sign of a hidden neuron's pre-activation.
  case sign(layer: Int, neuron: Int)
  /// On an integer variable: at most `value`, or more.
  case value(variable: Int, value: Int)
}

/// A proof that a class holds for every integer input of a region: a tree of splits with dual multipliers at its leaves.
public indirect enum Certificate: Codable, Hashable, Sendable {
  /// No other class can win here: one bound per other class. A leaf whose region is empty needs none.
  case leaf([ClassBound])
  /// Proved on both sides.
  case split(Split, below: Certificate, above: Certificate)

  /// Leaves of the tree.
  public var leaves: Int {
    switch self {
    case .leaf: 1
    case .split(_, let below, let above): below.leaves + above.leaves
    }
  }
}

/// Multipliers that bound how far one other class can lead.
public struct ClassBound: Codable, Hashable, Sendable {
  /// The other class.
  public var rival: Int
  /// Sparse multipliers of the relaxation's constraints; none at all means that interval bounds suffice.
  public var multipliers: [Multiplier]

  /// Creates a bound.
  public init(rival: Int, multipliers: [Multiplier]) {
    self.rival = rival
    self.multipliers = multipliers
  }
}

/// A multiplier `numerator · 2^-20 ≥ 0` of one constraint.
public struct Multiplier: Codable, Hashable, Sendable {
  /// Index in ``Relaxation/constraints``.
  public var constraint: Int
  /// In units of 2^-20.
  public var numerator: Int64

  /// Creates a multiplier.
  public init(constraint: Int, numerator: Int64) {
    self.constraint = constraint
    self.numerator = numerator
  }
}

/// Why a certificate is refused, with the leaf.
public struct InvalidCertificate: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let reason: String
  /// The way from the root: `-` and `+` for the sides of the splits.
  public let leaf: String

  /// Creates the error.
  public init(_ reason: String, leaf: String = "") {
    self.reason = reason
    self.leaf = leaf
  }

  public var description: String { "certificate refused at leaf '\(leaf)': \(reason)" }
}
