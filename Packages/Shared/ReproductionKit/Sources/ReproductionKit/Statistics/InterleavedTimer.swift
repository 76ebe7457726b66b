/// Times alternatives in turn, A B C A B C …, so that slow drifts of the machine (frequency, neighbours, caches) hit all of them alike.
///
/// ```swift
/// let timing = try InterleavedTimer(rounds: 9).measure([("dense", { dense() }), ("pruned", { pruned() })])
/// let speedUp = timing.ratio("dense", over: "pruned")   // median of the ratios within each round
/// ```
public struct InterleavedTimer: Sendable {
  /// Number of measured rounds.
  public var rounds: Int
  /// Number of rounds run first and not recorded.
  public var warmUpRounds: Int
  /// Shortest time one sample may take; faster bodies are repeated within a sample. In seconds.
  public var minimumSampleSeconds: Double

  /// A timer.
  public init(rounds: Int = 7, warmUpRounds: Int = 1, minimumSampleSeconds: Double = 0) {
    precondition(rounds > 0, "InterleavedTimer: rounds must be positive, got \(rounds)")
    self.rounds = rounds
    self.warmUpRounds = max(0, warmUpRounds)
    self.minimumSampleSeconds = minimumSampleSeconds
  }

  /// Runs every body once per round and records the seconds of one call.
  ///
  /// - Throws: what a body throws; the remaining rounds are then not run. (A typed error here, out of a closure in an array, is
  ///   miscompiled by Swift 6.3: the caller received a dangling error.)
  public func measure(_ alternatives: [(name: String, body: () throws -> Void)]) throws -> InterleavedTiming {
    var repetitions = [Int](repeating: 1, count: alternatives.count)
    for round in 0..<max(warmUpRounds, minimumSampleSeconds > 0 ? 1 : 0) {
      for (index, alternative) in alternatives.enumerated() {
        let seconds = try Self.seconds(of: alternative.body, repetitions: 1)
        if round == 0, seconds < minimumSampleSeconds {
          repetitions[index] = Int(min(1e6, (minimumSampleSeconds / max(seconds, 1e-9)).rounded(.up)))
        }
      }
    }
    var samples = [[Double]](repeating: [], count: alternatives.count)
    for _ in 0..<rounds {
      for (index, alternative) in alternatives.enumerated() {
        samples[index].append(try Self.seconds(of: alternative.body, repetitions: repetitions[index]))
      }
    }
    return InterleavedTiming(names: alternatives.map(\.name), seconds: samples)
  }

  private static func seconds(of body: () throws -> Void, repetitions: Int) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    for _ in 0..<repetitions { try body() }
    return (clock.now - start).seconds / Double(repetitions)
  }
}

/// What ``InterleavedTimer`` measured.
public struct InterleavedTiming: Sendable, Codable, Hashable {
  /// The alternatives.
  public let names: [String]
  /// Seconds of one call: `[alternative][round]`.
  public let seconds: [[Double]]

  /// Timing from recorded samples, `[alternative][round]`.
  public init(names: [String], seconds: [[Double]]) {
    precondition(names.count == seconds.count, "InterleavedTiming: \(names.count) names, \(seconds.count) sample lists")
    self.names = names
    self.seconds = seconds
  }

  /// Median seconds of an alternative with the spread (half the interquartile range); NaN for an unknown name.
  public func median(_ name: String) -> MeasuredValue {
    Self.summary(samples(name), unit: "s")
  }

  /// How many times `denominator` fits into `numerator`: the median over rounds of the ratio *within* a round.
  ///
  /// Greater than 1 when `numerator` is slower. NaN for unknown names.
  public func ratio(_ numerator: String, over denominator: String) -> MeasuredValue {
    Self.summary(zip(samples(numerator), samples(denominator)).map { $0 / $1 }, unit: "×", decimals: 2)
  }

  /// All alternatives as a table: median milliseconds, spread and the ratio to the first.
  public func table(title: String) -> Table {
    var table = Table(
      title: title,
      columns: [
        .text("variant"), .number("median", unit: "ms", decimals: 3), .number("spread", unit: "ms", decimals: 3),
        .number("speed-up", unit: "×", decimals: 2),
      ])
    for name in names {
      let median = median(name)
      table.append([
        .text(name), .number(median.value * 1e3), .number((median.spread ?? 0) * 1e3),
        .number(ratio(names[0], over: name).value),
      ])
    }
    return table
  }

  private func samples(_ name: String) -> [Double] {
    names.firstIndex(of: name).map { seconds[$0] } ?? []
  }

  private static func summary(_ values: [Double], unit: String, decimals: Int? = nil) -> MeasuredValue {
    MeasuredValue(
      Statistics.median(values), unit: unit,
      spread: (Statistics.percentile(values, 75) - Statistics.percentile(values, 25)) / 2, samples: values.count,
      decimals: decimals)
  }
}

extension Duration {
  /// The duration in seconds.
  public var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
