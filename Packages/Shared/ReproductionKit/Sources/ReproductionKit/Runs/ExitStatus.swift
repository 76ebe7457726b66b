/// The exit codes of the `hardwise` tool.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  /// Done, and every tested claim holds.
  case success = 0
  /// Done, some claim fails.
  case claimFails = 1
  /// Bad input or usage.
  case badInput = 2
  /// Missing data or tool.
  case missingData = 3
  /// Interrupted by a signal.
  case interrupted = 130

  /// The exit code that a report deserves.
  public init(for report: Report) {
    self = report.allTestedClaimsHold ? .success : .claimFails
  }

  /// The exit code that an error deserves.
  public init(for error: any Error) {
    switch error {
    case is Interrupted, is CancellationError: self = .interrupted
    case let error as DataCatalogError: self = error.isUsageError ? .badInput : .missingData
    default: self = .badInput
    }
  }
}
