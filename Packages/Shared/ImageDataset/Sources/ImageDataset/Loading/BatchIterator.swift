import Foundation
import Synchronization

/// Hands out the batches of a ``BatchLoader``; letting go of it ends the thread that prepares them.
public final class BatchIterator: IteratorProtocol {
  private let loader: BatchLoader
  private let queue: PrefetchQueue?
  private var position = 0

  init(_ loader: BatchLoader, prefetch: Int) {
    self.loader = loader
    guard prefetch > 0, loader.count > 0 else {
      queue = nil
      return
    }
    let queue = PrefetchQueue(capacity: prefetch)
    self.queue = queue
    // The thread holds the queue, not the iterator: nothing keeps the iterator alive but its user.
    let thread = Thread { queue.fill(count: loader.count) { loader.batch(at: $0) } }
    thread.name = "batch loader"
    thread.start()
  }

  deinit { queue?.cancel() }

  /// How many threads are preparing batches at the moment, in the whole process.
  package static var activeThreads: Int { PrefetchQueue.activeThreads.load(ordering: .relaxed) }

  /// The next batch; `nil` at the end of the epoch.
  public func next() -> Batch? {
    guard position < loader.count else { return nil }
    let number = position
    position += 1
    return queue.map { $0.take() } ?? loader.batch(at: number)
  }
}
