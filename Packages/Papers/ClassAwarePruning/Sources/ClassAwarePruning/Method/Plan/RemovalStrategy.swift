/// How many of the candidates one round removes (section 2.5).
public enum RemovalStrategy: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Everything whose score is below the threshold (a fraction of the number of classes).
  case threshold(ThresholdSchedule)
  /// The lowest-scored fraction of what is left, whatever the scores.
  case percentage(Double)
  /// The lowest-scored fraction of what is left, as far as it is below the threshold: the default, 0.3 and 10 %.
  case combined(ThresholdSchedule, Double)

  /// Reads `threshold:0.3`, `percentage:0.1`, `combined:0.3,0.1`; a threshold may be a ramp `start:step:end`, as in
  /// `combined:0.3:0.05:0.7,0.1`.
  /// - Throws: ``PruneError/invalidOption(_:value:expected:)``.
  public init(parsing text: String) throws(PruneError) {
    let failure = PruneError.invalidOption(
      "the strategy", value: text,
      expected:
        "threshold:T, percentage:p or combined:T,p, where T is a fraction of the classes or a ramp start:step:end")
    guard let colon = text.firstIndex(of: ":") else { throw failure }
    let arguments = text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false)
    switch (text[..<colon], arguments.count) {
    case ("threshold", 1):
      guard let schedule = ThresholdSchedule(parsing: arguments[0]) else { throw failure }
      self = .threshold(schedule)
    case ("percentage", 1):
      guard let fraction = Double(arguments[0]) else { throw failure }
      self = .percentage(fraction)
    case ("combined", 2):
      guard let schedule = ThresholdSchedule(parsing: arguments[0]), let fraction = Double(arguments[1]) else {
        throw failure
      }
      self = .combined(schedule, fraction)
    default: throw failure
    }
    try validate()
  }

  public var description: String {
    switch self {
    case .threshold(let schedule): "threshold:\(schedule)"
    case .percentage(let fraction): "percentage:\(fraction)"
    case .combined(let schedule, let fraction): "combined:\(schedule),\(fraction)"
    }
  }

  /// The threshold of a round as a fraction of the number of classes; nil if any score may go.
  func threshold(round: Int) -> Double? {
    switch self {
    case .threshold(let schedule), .combined(let schedule, _): schedule.value(round: round)
    case .percentage: nil
    }
  }

  /// The fraction of the remaining units one round may take; nil for no limit.
  var fraction: Double? {
    switch self {
    case .threshold: nil
    case .percentage(let fraction), .combined(_, let fraction): fraction
    }
  }

  func validate() throws(PruneError) {
    if let fraction, !(fraction > 0 && fraction <= 1) {
      throw .invalidOption("the removed fraction per round", value: "\(fraction)", expected: "more than 0, at most 1")
    }
    switch self {
    case .threshold(let schedule), .combined(let schedule, _): try schedule.validate()
    case .percentage: break
    }
  }
}

/// The score threshold over the rounds, as a fraction of the number of classes N.
public enum ThresholdSchedule: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The same in every round.
  case constant(Double)
  /// Rises by `step` per round from `start` to `end`.
  case ramp(start: Double, step: Double, end: Double)

  init?(parsing text: Substring) {
    let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    switch numbers.count {
    case 1:
      guard let value = numbers[0] else { return nil }
      self = .constant(value)
    case 3:
      guard let start = numbers[0], let step = numbers[1], let end = numbers[2] else { return nil }
      self = .ramp(start: start, step: step, end: end)
    default: return nil
    }
  }

  /// The threshold of a round, counted from 0.
  public func value(round: Int) -> Double {
    switch self {
    case .constant(let value): value
    case .ramp(let start, let step, let end): min(end, start + Double(round) * step)
    }
  }

  public var description: String {
    switch self {
    case .constant(let value): "\(value)"
    case .ramp(let start, let step, let end): "\(start):\(step):\(end)"
    }
  }

  func validate() throws(PruneError) {
    let values: [Double]
    switch self {
    case .constant(let value): values = [value]
    case .ramp(let start, let step, let end):
      guard step >= 0 else { throw .invalidOption("the threshold's step", value: "\(step)", expected: "0 or more") }
      values = [start, end]
    }
    for value in values where !(value >= 0 && value <= 1) {
      throw .invalidOption("the threshold", value: "\(value)", expected: "a fraction of the classes, 0 to 1")
    }
  }
}
