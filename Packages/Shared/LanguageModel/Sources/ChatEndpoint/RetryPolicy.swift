import Foundation

/// How often and after how long a request is sent again: exponential back-off with jitter.
public struct RetryPolicy: Sendable, Hashable {
  /// How often a request is sent at most.
  public var attempts: Int
  /// The longest wait before the second attempt, in seconds; it doubles from attempt to attempt.
  public var firstDelay: Double
  /// The longest wait at all, in seconds, also when the server asks for more.
  public var longestDelay: Double

  /// A policy.
  public init(attempts: Int = 4, firstDelay: Double = 0.5, longestDelay: Double = 20) {
    self.attempts = attempts
    self.firstDelay = firstDelay
    self.longestDelay = longestDelay
  }

  /// Every request once.
  public static let never = RetryPolicy(attempts: 1)

  /// The wait after the given number of failed attempts, in seconds: between half and all of the longest, so that clients which
  /// failed together do not come back together; what the server asks for, if it does.
  func delay(afterFailures failures: Int, retryAfter: Double?, using generator: inout some RandomNumberGenerator)
    -> Double
  {
    if let retryAfter, retryAfter >= 0 { return min(retryAfter, longestDelay) }
    let longest = min(longestDelay, firstDelay * pow(2, Double(failures - 1)))
    return longest * Double.random(in: 0.5...1, using: &generator)
  }
}
