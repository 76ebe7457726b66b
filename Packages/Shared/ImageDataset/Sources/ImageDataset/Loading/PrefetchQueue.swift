import Foundation
import Synchronization

/// A bounded queue between one thread that makes batches and one that uses them.
final class PrefetchQueue: @unchecked Sendable {
  /// How many threads are filling queues at the moment, in the whole process.
  static let activeThreads = Atomic<Int>(0)

  private let condition = NSCondition()
  private let capacity: Int
  // Guarded by `condition`.
  private var waiting: [Batch] = []
  private var isCancelled = false
  private var isFinished = false

  init(capacity: Int) { self.capacity = capacity }

  /// Makes batches 0..<count until done or cancelled; runs on the thread in the background.
  func fill(count: Int, make: (Int) -> Batch) {
    Self.activeThreads.add(1, ordering: .relaxed)
    defer { Self.activeThreads.subtract(1, ordering: .relaxed) }
    for number in 0..<count {
      guard waitForRoom() else { break }
      let batch = make(number)
      condition.withLock {
        waiting.append(batch)
        condition.signal()
      }
    }
    condition.withLock {
      isFinished = true
      condition.signal()
    }
  }

  /// The next batch in order; `nil` after the last one.
  func take() -> Batch? {
    condition.withLock {
      while waiting.isEmpty && !isFinished { condition.wait() }
      guard !waiting.isEmpty else { return nil }
      let batch = waiting.removeFirst()
      condition.signal()
      return batch
    }
  }

  /// Makes ``fill(count:make:)`` return after the batch it is working on.
  func cancel() {
    condition.withLock {
      isCancelled = true
      waiting.removeAll()
      condition.signal()
    }
  }

  private func waitForRoom() -> Bool {
    condition.withLock {
      while waiting.count >= capacity && !isCancelled { condition.wait() }
      return !isCancelled
    }
  }
}
