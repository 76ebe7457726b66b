import Foundation

/// Small statistics that several papers need in their claims.
///
/// All functions work in `Double`, and answer NaN, never a trap, for inputs on which they are undefined.
public enum Statistics {
  /// Arithmetic mean; NaN for an empty list.
  public static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
  }

  /// Sample standard deviation (divisor n − 1); NaN for fewer than two values.
  public static func standardDeviation(_ values: [Double]) -> Double {
    guard values.count > 1 else { return .nan }
    let mean = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// Geometric mean of positive values; NaN for an empty list or a value that is not positive.
  public static func geometricMean(_ values: [Double]) -> Double {
    guard !values.isEmpty, values.allSatisfy({ $0 > 0 }) else { return .nan }
    return exp(mean(values.map { log($0) }))
  }
}
