/// The rule by which measured values decide a claim.
///
/// With several measured values `atMost`, `atLeast`, `within`, `exactly` and `isTrue` must hold for every one of them;
/// `ordered` compares them with each other; `each` gives every value its own rule. NaN satisfies no rule.
public indirect enum Criterion: Sendable, Hashable {
  /// The value is at most the bound.
  case atMost(Double)
  /// The value is at least the bound.
  case atLeast(Double)
  /// The value differs from the target by at most the tolerance, in the unit of the value.
  case within(_ target: Double, tolerance: Double)
  /// The value equals the target exactly. For counts and bit-identity.
  case exactly(Double)
  /// The observation made with ``MeasuredValue/init(truth:label:)`` is "yes".
  case isTrue
  /// The values stand in the given order.
  case ordered(Ordering)
  /// The i-th value satisfies the i-th criterion; the counts must agree.
  case each([Criterion])
  /// No pass bar: the value is printed and the verdict is "not tested".
  case reported

  /// Whether `values` satisfy the rule. Empty lists, and lists with a NaN, satisfy none.
  public func isSatisfied(by values: [Double]) -> Bool {
    guard !values.isEmpty, !values.contains(where: \.isNaN) else { return false }
    switch self {
    case .atMost(let bound): return values.allSatisfy { $0 <= bound }
    case .atLeast(let bound): return values.allSatisfy { $0 >= bound }
    case .within(let target, let tolerance): return values.allSatisfy { abs($0 - target) <= tolerance }
    case .exactly(let target): return values.allSatisfy { $0 == target }
    case .isTrue: return values.allSatisfy { $0 == 1 }
    case .ordered(let ordering): return values.count > 1 && ordering.holds(for: values)
    case .each(let criteria):
      return criteria.count == values.count && zip(criteria, values).allSatisfy { $0.isSatisfied(by: [$1]) }
    case .reported: return false
    }
  }

  /// The rule in words, such as `≥ 93 %`, for values with the given units and labels.
  public func text(for measurements: [MeasuredValue]) -> String {
    let unit = measurements.first.map { $0.unit == MeasuredValue.truthUnit ? "" : $0.unit } ?? ""
    let suffix = unit.isEmpty ? "" : unit == "×" ? unit : " " + unit
    switch self {
    case .atMost(let bound): return "≤ \(Self.number(bound))\(suffix)"
    case .atLeast(let bound): return "≥ \(Self.number(bound))\(suffix)"
    case .within(let target, let tolerance):
      return "\(Self.number(target)) ± \(Self.number(tolerance))\(suffix)"
    case .exactly(let target): return "= \(Self.number(target))\(suffix)"
    case .isTrue: return "yes"
    case .ordered(let ordering):
      let names = measurements.map(\.label).filter { !$0.isEmpty }
      guard names.count == measurements.count, names.count > 1 else { return ordering.rawValueInWords }
      return names.joined(separator: " \(ordering.sign) ")
    case .each(let criteria):
      return criteria.enumerated().map { index, criterion in
        guard index < measurements.count else { return criterion.text(for: []) }
        let text = criterion.text(for: [measurements[index]])
        return measurements[index].label.isEmpty ? text : "\(measurements[index].label) \(text)"
      }.joined(separator: "; ")
    case .reported: return "reported"
    }
  }

  private static func number(_ value: Double) -> String {
    NumberText.text(value, significant: 6)
  }
}

extension Ordering {
  fileprivate var rawValueInWords: String {
    switch self {
    case .ascending: "ascending"
    case .strictlyAscending: "strictly ascending"
    case .descending: "descending"
    case .strictlyDescending: "strictly descending"
    }
  }
}
