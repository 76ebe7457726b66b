import TinyTensorShims

/// Calls `body(0)` … `body(count - 1)`, spread over `Threads.count` threads, and returns when all calls have returned.
///
/// Each thread owns a contiguous share of the indices and helps the others when it is done. The calls must be independent of
/// each other: what `body(i)` writes may depend on `i` only, which makes results independent of the thread count. The closure
/// may capture pointers and other non-`Sendable` values. A nested call runs serially, and so does a call that finds the pool
/// at work for another thread.
public func parallelFor(_ count: Int, _ body: (Int) -> Void) {
  let threads = min(Threads.count, count)
  if threads <= 1 || tt_is_inside_parallel() != 0 || !ThreadPool.shared.run(count, threads: threads, body) {
    for index in 0..<max(0, count) { body(index) }
  }
}

/// Splits `0..<count` into ranges of about `grain` elements or more and calls `body` for them in parallel.
///
/// Meant for element-wise work, where each element is computed from its own inputs alone. Range starts are multiples of
/// `alignment`.
public func parallelRanges(
  _ count: Int, grain: Int = 16_384, alignment: Int = 64, _ body: (Range<Int>) -> Void
) {
  guard count > 0 else { return }
  let pieces = min((count + grain - 1) / grain, 4 * Threads.count)
  if pieces <= 1 {
    body(0..<count)
    return
  }
  let step = ((count + pieces - 1) / pieces + alignment - 1) / alignment * alignment
  parallelFor((count + step - 1) / step) { piece in
    body(piece * step..<min(count, (piece + 1) * step))
  }
}

/// The fixed partition of batch reductions: always the same number of chunks, whatever the thread count, each summed by
/// itself and then added in order, so that results are bit-identical for any number of threads.
public enum ReductionChunks {
  /// The number of chunks.
  public static let count = 8

  /// The elements of chunk `index` out of `total`; may be empty.
  public static func range(_ index: Int, of total: Int) -> Range<Int> {
    index * total / count..<(index + 1) * total / count
  }
}
