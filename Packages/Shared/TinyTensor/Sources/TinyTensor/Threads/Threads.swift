import Foundation

/// How many threads the kernels use. Results never depend on it.
public enum Threads {
  @TaskLocal private static var override: Int?

  /// The environment's `HARDWISE_THREADS` if it is a positive number, else all cores of the machine.
  private static let initial: Int = {
    if let text = ProcessInfo.processInfo.environment["HARDWISE_THREADS"], let count = Int(text), count > 0 {
      return min(count, ThreadPool.maximumThreads)
    }
    return min(ProcessInfo.processInfo.activeProcessorCount, ThreadPool.maximumThreads)
  }()

  /// The number of threads that `parallelFor` uses when called here, at least 1.
  public static var count: Int { override ?? initial }

  /// Runs `body` with `count` threads for everything it calls; `1` makes the kernels serial.
  public static func withCount<R>(_ count: Int, _ body: () throws -> R) rethrows -> R {
    try $override.withValue(clamped(count), operation: body)
  }

  /// Runs an asynchronous `body` with `count` threads for everything it calls.
  public static func withCount<R>(
    _ count: Int, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> R
  ) async rethrows -> R {
    try await $override.withValue(clamped(count), operation: body)
  }

  private static func clamped(_ count: Int) -> Int { min(max(1, count), ThreadPool.maximumThreads) }
}
