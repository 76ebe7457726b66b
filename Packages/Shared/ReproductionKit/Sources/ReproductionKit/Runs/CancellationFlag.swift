/// A flag that is raised once, from any thread, to ask a run to stop.
public final class CancellationFlag: Sendable {
  private let raised = Locked(false)

  /// A lowered flag.
  public init() {}

  /// Whether the flag was raised.
  public var isRaised: Bool {
    raised.withLock { $0 }
  }

  /// Raises the flag.
  ///
  /// - Returns: whether it had been raised before.
  @discardableResult
  public func raise() -> Bool {
    raised.withLock { flag in
      defer { flag = true }
      return flag
    }
  }
}
