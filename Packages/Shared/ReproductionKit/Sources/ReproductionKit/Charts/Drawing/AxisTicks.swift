import Foundation

/// Round numbers along an axis.
enum AxisTicks {
  /// Multiples of 1, 2, 2.5 or 5 times a power of ten inside `lower…upper`, about `count` of them.
  static func linear(_ lower: Double, _ upper: Double, count: Int) -> (values: [Double], step: Double) {
    guard upper > lower, (upper - lower).isFinite, count > 0 else { return ([lower], 1) }
    let rough = (upper - lower) / Double(count)
    let magnitude = pow(10, floor(log10(rough)))
    let factor = [1, 2, 2.5, 5, 10].first { $0 * magnitude >= rough * 0.999 } ?? 10
    let step = factor * magnitude
    let first = (lower / step - 1e-9).rounded(.up)
    let last = (upper / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 1000 else { return ([lower], step) }
    return (stride(from: first, through: last, by: 1).map { $0 == 0 ? 0 : $0 * step }, step)
  }

  /// Powers of ten inside `lower…upper`; where fewer than two fit, also 2 and 5 times them, and at last linear ticks.
  static func logarithmic(_ lower: Double, _ upper: Double, count: Int) -> (values: [Double], minor: [Double]) {
    guard lower > 0, upper > lower else { return ([lower], []) }
    let first = Int(floor(log10(lower)))
    let last = Int(ceil(log10(upper)))
    let decades = log10(upper) - log10(lower)
    func multiples(_ factors: [Double]) -> [Double] {
      let smallest = lower * (1 - 1e-9)
      let largest = upper * (1 + 1e-9)
      var values: [Double] = []
      for exponent in first...last {
        let power = pow(10, Double(exponent))
        values += factors.map { $0 * power }.filter { $0 >= smallest && $0 <= largest }
      }
      return values
    }
    let minor = decades <= 6 ? multiples([2, 3, 4, 5, 6, 7, 8, 9]) : []
    if decades >= 2.5 {
      let every = max(1, Int((decades / Double(max(count, 1))).rounded(.up)))
      let values = multiples([1]).filter { Int(log10($0).rounded()) % every == 0 }
      return (values, minor)
    }
    let values = multiples([1, 2, 5])
    return values.count >= 2 ? (values, minor) : (linear(lower, upper, count: count).values, [])
  }
}

/// An axis with its range, ticks and title settled.
struct ResolvedAxis {
  let lower: Double
  let upper: Double
  let isLogarithmic: Bool
  let ticks: [(value: Double, label: String)]
  let minorTicks: [Double]
  let title: String

  /// Settles an axis for its data.
  ///
  /// - Parameters:
  ///   - values: all values drawn along the axis.
  ///   - includesZero: whether the range reaches down to zero, as bars need.
  ///   - padding: empty part of the range beyond the data, at either end.
  ///   - tickCount: the number of ticks there is room for.
  init(_ axis: ChartAxis, values: [Double], includesZero: Bool = false, padding: Double = 0.05, tickCount: Int) {
    isLogarithmic = axis.scale == .logarithmic
    let isLogarithmic = isLogarithmic
    let drawable = values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
    var range = Self.range(drawable, axis, includesZero: includesZero, padding: padding)
    if let lower = axis.lower, lower.isFinite, !isLogarithmic || lower > 0 { range.lower = lower }
    if let upper = axis.upper, upper.isFinite, upper > range.lower { range.upper = upper }
    if range.upper <= range.lower { range.upper = isLogarithmic ? range.lower * 10 : range.lower + 1 }
    lower = range.lower
    upper = range.upper

    if isLogarithmic {
      let (values, minor) = AxisTicks.logarithmic(lower, upper, count: tickCount)
      let isPlain = lower >= 0.9e-3 && upper <= 1.1e5
      ticks = values.map { ($0, isPlain ? Self.plain($0) : Self.powerOfTen($0)) }
      minorTicks = minor
      title = Self.title(axis, exponent: 0)
    } else {
      let (values, step) = AxisTicks.linear(lower, upper, count: tickCount)
      let largest = values.map { abs($0) }.max() ?? 1
      let exponent = largest >= 1e5 || (largest < 1e-2 && largest > 0) ? Int(floor(log10(largest) / 3)) * 3 : 0
      let factor = pow(10, Double(exponent))
      let decimals = max(0, Self.decimals(of: step / factor))
      ticks = values.map { value in
        (value, NumberText.text(value / factor, decimals: decimals).replacingOccurrences(of: "-", with: "−"))
      }
      minorTicks = []
      title = Self.title(axis, exponent: exponent)
    }
  }

  /// Position of a value along the axis, 0 at its start and 1 at its end; `nil` for what cannot be drawn.
  func position(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    guard isLogarithmic else { return (value - lower) / (upper - lower) }
    return value > 0 ? log(value / lower) / log(upper / lower) : nil
  }

  private static func range(
    _ values: [Double], _ axis: ChartAxis, includesZero: Bool, padding: Double
  ) -> (lower: Double, upper: Double) {
    guard var lower = values.min(), var upper = values.max() else {
      return axis.scale == .logarithmic ? (1, 10) : (0, 1)
    }
    if axis.scale == .logarithmic {
      let margin = max(pow(upper / lower, padding), 1.05)
      return (lower / margin, upper * margin)
    }
    if includesZero {
      lower = min(lower, 0)
      upper = max(upper, 0)
    }
    if upper == lower {
      let margin = upper == 0 ? 1 : abs(upper) * 0.1
      return (includesZero && lower == 0 ? 0 : lower - margin, upper + margin)
    }
    let margin = (upper - lower) * padding
    let keepsZeroBelow = includesZero && lower == 0
    let keepsZeroAbove = includesZero && upper == 0
    // Padding must not suggest that a quantity that is never negative could be.
    let paddedLower = lower >= 0 ? max(0, lower - margin) : lower - margin
    return (keepsZeroBelow ? 0 : paddedLower, keepsZeroAbove ? 0 : upper + margin)
  }

  private static func title(_ axis: ChartAxis, exponent: Int) -> String {
    let power = exponent == 0 ? "" : powerOfTen(pow(10, Double(exponent)))
    let unit = [power, axis.unit ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
    if unit.isEmpty { return axis.label }
    return axis.label.isEmpty ? unit : "\(axis.label) (\(unit))"
  }

  /// Decimals needed to write multiples of a step.
  private static func decimals(of step: Double) -> Int {
    var decimals = 0
    var scaled = step
    while decimals < 12, abs(scaled - scaled.rounded()) > 1e-6 * max(abs(scaled), 1) {
      scaled *= 10
      decimals += 1
    }
    return decimals
  }

  private static func plain(_ value: Double) -> String {
    NumberText.text(value, significant: 3)
  }

  /// `10⁻³`, or `2·10⁻³` between the powers.
  private static func powerOfTen(_ value: Double) -> String {
    let exponent = Int(floor(log10(value) + 1e-9))
    let digits: [Character: Character] = [
      "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹", "-": "⁻",
    ]
    let power = "10" + String(String(exponent).compactMap { digits[$0] })
    let mantissa = value / pow(10, Double(exponent))
    return abs(mantissa - 1) < 1e-6 ? power : NumberText.text(mantissa, significant: 2) + "·" + power
  }
}
