import Foundation

/// Ends the answer that is being given, from any thread.
final class StopButton: @unchecked Sendable {
  private let lock = NSLock()
  /// Guarded by the lock.
  private var task: Task<Void, any Error>?

  /// Cancels the running answer; without one, nothing happens.
  func press() { lock.withLock { task }?.cancel() }

  /// Runs `body` so that the button ends it.
  func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let running = Task { try await body() }
    lock.withLock { task = running }
    defer { lock.withLock { task = nil } }
    try await running.value
  }
}
