import Foundation
import TinyTensorShims

/// Persistent worker threads for `parallelFor`: they spin briefly after each job, then park.
///
/// A job gives each participant a contiguous share of the indices, held in one atomic word (`end` in the upper half, `next` in
/// the lower), so that claiming an index is one fetch-and-add. Whoever runs out helps the others. A worker that wakes late can
/// do no harm: a claim below `end` proves that the job it belongs to is still unfinished, hence its body still valid.
final class ThreadPool: @unchecked Sendable {
  static let shared = ThreadPool()
  static let maximumThreads = 64

  private typealias Body = (Int) -> Void

  /// Words that several threads touch, each on its own cache line.
  private enum Slot {
    static let lineWords = 16
    static let epoch = 0
    static let remaining = 1
    static let parked = 2
    static let busy = 3
    static let participants = 4
    static let callerParked = 5
    static let firstShare = 6
  }

  private let words: UnsafeMutablePointer<Int64>
  private let currentBody: UnsafeMutablePointer<UnsafePointer<Body>?>
  private let wake = NSCondition()
  private let completion = NSCondition()
  /// Guarded by the busy flag.
  private var workers = 0

  private static let workerSpins = 4000
  private static let callerSpins = 2000
  private static let callerYields = 16

  private init() {
    let count = (Slot.firstShare + Self.maximumThreads) * Slot.lineWords
    words = .allocate(capacity: count)
    words.initialize(repeating: 0, count: count)
    currentBody = .allocate(capacity: 1)
    currentBody.initialize(to: nil)
  }

  private func word(_ slot: Int) -> UnsafeMutablePointer<Int64> { words + slot * Slot.lineWords }

  /// Runs the job and returns true, or returns false without having called `body` when the pool is busy.
  func run(_ count: Int, threads: Int, _ body: (Int) -> Void) -> Bool {
    precondition(count < Int(Int32.max), "parallelFor takes fewer than 2^31 indices")
    guard tt_test_and_set(word(Slot.busy)) == 0 else { return false }
    defer { tt_store_release(word(Slot.busy), 0) }
    startWorkers(threads - 1)
    withoutActuallyEscaping(body) { escapable in
      withUnsafePointer(to: escapable) { pointer in
        publish(pointer, count: count, threads: threads)
        drain(participant: 0, of: threads)
        waitForCompletion()
      }
    }
    return true
  }

  private func publish(_ body: UnsafePointer<Body>, count: Int, threads: Int) {
    currentBody.pointee = body
    tt_store_release(word(Slot.participants), Int64(threads))
    tt_store_release(word(Slot.remaining), Int64(count))
    for share in 0..<threads {
      let begin = share * count / threads
      let end = (share + 1) * count / threads
      tt_store_release(word(Slot.firstShare + share), Int64(end) << 32 | Int64(begin))
    }
    _ = tt_fetch_add(word(Slot.epoch), 1)
    if tt_load_ordered(word(Slot.parked)) > 0 {
      wake.lock()
      wake.broadcast()
      wake.unlock()
    }
  }

  /// Executes indices of the participant's own share, then of the others', until none is left to claim.
  private func drain(participant: Int, of threads: Int) {
    tt_set_inside_parallel(1)
    for offset in 0..<threads {
      let share = word(Slot.firstShare + (participant + offset) % threads)
      while true {
        let observed = tt_load_acquire(share)
        if observed & 0xffff_ffff >= observed >> 32 { break }
        let claim = tt_fetch_add(share, 1)
        let index = claim & 0xffff_ffff
        if index >= claim >> 32 { break }
        if let body = currentBody.pointee { body.pointee(Int(index)) }
        if tt_fetch_add(word(Slot.remaining), -1) == 1 && tt_load_ordered(word(Slot.callerParked)) != 0 {
          completion.lock()
          completion.signal()
          completion.unlock()
        }
      }
    }
    tt_set_inside_parallel(0)
  }

  /// Spins for the short while that a balanced job leaves; on a busy machine, where the last worker may have lost its core, it
  /// then sleeps, so that the worker can have this one.
  private func waitForCompletion() {
    for turn in 0..<Self.callerSpins + Self.callerYields {
      if tt_load_acquire(word(Slot.remaining)) == 0 { return }
      if turn < Self.callerSpins { tt_pause() } else { sched_yield() }
    }
    completion.lock()
    defer { completion.unlock() }
    _ = tt_fetch_add(word(Slot.callerParked), 1)
    defer { _ = tt_fetch_add(word(Slot.callerParked), -1) }
    while tt_load_ordered(word(Slot.remaining)) > 0 { completion.wait() }
  }

  private func startWorkers(_ wanted: Int) {
    while workers < wanted {
      workers += 1
      let participant = workers
      let thread = Thread { [self] in work(participant: participant) }
      thread.name = "hardwise-worker-\(participant)"
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  private func work(participant: Int) {
    var seen: Int64 = 0
    while true {
      seen = waitForJob(after: seen)
      let threads = Int(tt_load_acquire(word(Slot.participants)))
      if participant < threads { drain(participant: participant, of: threads) }
    }
  }

  private func waitForJob(after seen: Int64) -> Int64 {
    for _ in 0..<Self.workerSpins {
      let epoch = tt_load_acquire(word(Slot.epoch))
      if epoch != seen { return epoch }
      tt_pause()
    }
    wake.lock()
    defer { wake.unlock() }
    _ = tt_fetch_add(word(Slot.parked), 1)
    defer { _ = tt_fetch_add(word(Slot.parked), -1) }
    while true {
      let epoch = tt_load_ordered(word(Slot.epoch))
      if epoch != seen { return epoch }
      wake.wait()
    }
  }
}
