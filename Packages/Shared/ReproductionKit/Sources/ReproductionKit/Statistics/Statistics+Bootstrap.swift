extension Statistics {
  /// Percentile bootstrap confidence interval of a statistic.
  ///
  /// - Parameters:
  ///   - values: the sample; an empty one gives NaN bounds.
  ///   - confidence: the level, such as 0.95.
  ///   - resamples: number of bootstrap samples.
  ///   - seed: the same seed gives the same interval on every machine.
  ///   - statistic: the statistic, by default the mean.
  /// - Returns: lower and upper bound of the interval.
  public static func bootstrapInterval(
    _ values: [Double], confidence: Double = 0.95, resamples: Int = 2000, seed: UInt64 = 0,
    of statistic: ([Double]) -> Double = Statistics.mean
  ) -> (lower: Double, upper: Double) {
    guard !values.isEmpty, resamples > 0 else { return (.nan, .nan) }
    var generator = SplitMix64(state: seed)
    var sample = values
    let results = (0..<resamples).map { _ in
      for index in sample.indices {
        sample[index] = values[Int.random(in: 0..<values.count, using: &generator)]
      }
      return statistic(sample)
    }
    let tail = 50 * (1 - confidence)
    return (percentile(results, tail), percentile(results, 100 - tail))
  }
}

/// Steele, Lea and Flood's SplitMix64: enough for resampling, and without state beyond one word.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
