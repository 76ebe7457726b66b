import LogicFlowVerify

extension InputDomain {
  /// C99 for `int name(const uint8_t *x)`: 1 if `x` is an input that the proofs cover, else 0. The types must be declared before.
  public func emitC(name: String) -> String {
    var lines = ["int \(name)(const uint8_t *x);", "", "int \(name)(const uint8_t *x) {", "  (void)x;"]
    func refuse(_ conditions: [String]) {
      if !conditions.isEmpty { lines.append("  if (\(conditions.joined(separator: " || "))) return 0;") }
    }
    for index in 0..<count {
      let range = range(index)
      refuse(
        (range.lowerBound > 0 ? ["x[\(index)] < \(range.lowerBound)"] : [])
          + (range.upperBound < 255 ? ["x[\(index)] > \(range.upperBound)"] : []))
    }
    for group in oneHot ?? [] {
      for index in group { refuse(["x[\(index)] != \(lower) && x[\(index)] != \(upper)"]) }
      refuse([group.map { "(x[\($0)] == \(upper))" }.joined(separator: " + ") + " != 1"])
    }
    for bound in linear ?? [] {
      let sum = bound.terms.map { "(\($0.coefficient)) * (int32_t)x[\($0.variable)]" }.joined(separator: " + ")
      refuse((bound.lower.map { ["\(sum) < \($0)"] } ?? []) + (bound.upper.map { ["\(sum) > \($0)"] } ?? []))
    }
    return (lines + ["  return 1;", "}"]).joined(separator: "\n") + "\n"
  }
}
