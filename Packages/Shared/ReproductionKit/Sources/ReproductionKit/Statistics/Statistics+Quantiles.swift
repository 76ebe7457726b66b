extension Statistics {
  /// Median; NaN for an empty list or when a value is NaN.
  public static func median(_ values: [Double]) -> Double {
    percentile(values, 50)
  }

  /// The `percent`-th percentile (0…100) with linear interpolation between order statistics, as NumPy's default.
  ///
  /// NaN for an empty list or when a value is NaN.
  public static func percentile(_ values: [Double], _ percent: Double) -> Double {
    guard !values.isEmpty, !percent.isNaN, !values.contains(where: \.isNaN) else { return .nan }
    let sorted = values.sorted()
    let position = min(max(percent / 100, 0), 1) * Double(sorted.count - 1)
    let lower = Int(position)
    let upper = min(lower + 1, sorted.count - 1)
    let fraction = position - Double(lower)
    return fraction == 0 ? sorted[lower] : sorted[lower] + fraction * (sorted[upper] - sorted[lower])
  }
}
