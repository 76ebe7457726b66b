/// An interval of an integer combination of variables: `lower ≤ Σ coefficient · variable ≤ upper`, either side possibly open.
public struct LinearBound: Codable, Hashable, Sendable {
  /// One summand.
  public struct Term: Codable, Hashable, Sendable {
    /// Index of the variable: features first, then hidden outputs, layer by layer.
    public var variable: Int
    /// Its factor, not zero.
    public var coefficient: Int

    /// Creates a summand.
    public init(variable: Int, coefficient: Int) {
      self.variable = variable
      self.coefficient = coefficient
    }
  }

  /// Summands of different variables.
  public var terms: [Term]
  /// Smallest value, or nothing.
  public var lower: Int?
  /// Largest value, or nothing.
  public var upper: Int?

  /// Creates a bound.
  public init(_ terms: [Term], lower: Int? = nil, upper: Int? = nil) {
    self.terms = terms
    self.lower = lower
    self.upper = upper
  }

  /// The combination's value; `values` has one entry per variable.
  public func value(_ values: [Int]) -> Int { terms.reduce(0) { $0 + $1.coefficient * values[$1.variable] } }

  /// Whether the combination lies in the interval.
  public func contains(_ values: [Int]) -> Bool {
    let value = value(values)
    return value >= lower ?? value && value <= upper ?? value
  }

  /// The interval as constraints, at most two.
  var constraints: [Constraint] {
    func constraint(_ bound: Int?, sign: Int128) -> [Constraint] {
      guard let bound else { return [] }
      let terms = terms.map { (variable: $0.variable, coefficient: sign * Int128($0.coefficient) << 32) }
      return [Constraint(terms: terms, bound: sign * Int128(bound) << 32)]
    }
    return constraint(lower, sign: -1) + constraint(upper, sign: 1)
  }

  /// What is wrong with this bound for variables whose magnitudes are at most `limits`, or nothing: a program must be able to sum
  /// the combination up in 32 bits.
  func problem(limits: [Int]) -> String? {
    guard !terms.isEmpty, Set(terms.map(\.variable)).count == terms.count else {
      return "no terms, or a variable twice"
    }
    if let term = terms.first(where: { !limits.indices.contains($0.variable) }) {
      return "no variable \(term.variable)"
    }
    guard terms.allSatisfy({ $0.coefficient != 0 && $0.coefficient.magnitude <= 1 << 20 }) else {
      return "a coefficient is zero or beyond ±2^20"
    }
    let reach = terms.reduce(0) { $0 + abs($1.coefficient) * limits[$1.variable] }
    guard reach < 1 << 31, [lower, upper].allSatisfy({ ($0 ?? 0).magnitude < 1 << 31 }) else {
      return "it leaves 32 bits"
    }
    return nil
  }
}
