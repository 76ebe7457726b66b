import Foundation
import TinyTensorShims

/// The recycling allocator behind every tensor and every scratch buffer.
///
/// Buffers are 64-byte aligned and rounded up to size classes (four per power of two), so that a loop whose shapes repeat,
/// such as a training step, settles to zero fresh allocations. Released buffers are kept for the next request of their class.
public enum BufferPool {
  /// Readable bytes behind the end of every buffer.
  static let slack = 128

  /// Counters since the start of the process: buffers taken from the system, buffers handed out again, and the bytes that
  /// now wait in the pool for reuse.
  public static var statistics: (fresh: Int, reused: Int, bytesHeld: Int) {
    FreeLists.shared.withLock { ($0.fresh, $0.reused, $0.bytesHeld) }
  }

  /// Gives all waiting buffers back to the system.
  public static func trim() {
    FreeLists.shared.withLock { $0.trim() }
  }

  /// Takes a buffer of at least `bytes` bytes with undefined content; the size class must be passed back on release.
  static func allocate(bytes: Int) -> (pointer: UnsafeMutableRawPointer, sizeClass: Int) {
    let sizeClass = SizeClass.index(forBytes: bytes)
    return (FreeLists.shared.withLock { $0.take(sizeClass) }, sizeClass)
  }

  static func release(_ pointer: UnsafeMutableRawPointer, sizeClass: Int) {
    FreeLists.shared.withLock { $0.give(pointer, sizeClass) }
  }
}

/// Rounds byte counts to four steps per power of two, from 64 bytes: at most 25 % of a buffer is unused.
enum SizeClass {
  static let count = 4 * 48

  static func index(forBytes bytes: Int) -> Int {
    let lines = Swift.max(1, (bytes + 63) / 64)
    if lines <= 4 { return lines - 1 }
    let top = Int.bitWidth - 1 - (lines - 1).leadingZeroBitCount
    let quarter = (lines - 1) >> (top - 2) & 3
    return 4 * (top - 1) + quarter
  }

  static func bytes(of index: Int) -> Int {
    if index < 4 { return 64 * (index + 1) }
    let top = index / 4 + 1
    return 64 * ((5 + index % 4) << (top - 2))
  }
}

/// One intrusive list of free buffers per size class; the link to the next buffer lies in the free buffer itself.
private final class FreeLists: @unchecked Sendable {
  static let shared = FreeLists()

  private let lock = NSLock()
  private let heads: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private(set) var fresh = 0
  private(set) var reused = 0
  private(set) var bytesHeld = 0
  /// Beyond this many waiting bytes, released buffers go straight back to the system.
  private let holdLimit = Int(ProcessInfo.processInfo.physicalMemory / 2)

  private init() {
    heads = .allocate(capacity: SizeClass.count)
    heads.initialize(repeating: nil, count: SizeClass.count)
  }

  func withLock<R>(_ body: (FreeLists) -> R) -> R {
    lock.lock()
    defer { lock.unlock() }
    return body(self)
  }

  func take(_ sizeClass: Int) -> UnsafeMutableRawPointer {
    if let head = heads[sizeClass] {
      heads[sizeClass] = head.load(as: UnsafeMutableRawPointer?.self)
      reused += 1
      bytesHeld -= SizeClass.bytes(of: sizeClass)
      return head
    }
    fresh += 1
    return Self.systemAllocate(SizeClass.bytes(of: sizeClass) + BufferPool.slack)
  }

  func give(_ pointer: UnsafeMutableRawPointer, _ sizeClass: Int) {
    let bytes = SizeClass.bytes(of: sizeClass)
    if bytesHeld + bytes > holdLimit {
      free(pointer)
      return
    }
    pointer.storeBytes(of: heads[sizeClass], as: UnsafeMutableRawPointer?.self)
    heads[sizeClass] = pointer
    bytesHeld += bytes
  }

  func trim() {
    for sizeClass in 0..<SizeClass.count {
      while let head = heads[sizeClass] {
        heads[sizeClass] = head.load(as: UnsafeMutableRawPointer?.self)
        free(head)
      }
    }
    bytesHeld = 0
  }

  private static func systemAllocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    let hugePage = 2 << 20
    let isLarge = bytes >= 2 * hugePage
    var pointer: UnsafeMutableRawPointer?
    let status = posix_memalign(&pointer, isLarge ? hugePage : 64, bytes)
    guard status == 0, let pointer else {
      preconditionFailure("out of memory: a buffer of \(bytes) bytes could not be allocated")
    }
    if isLarge { tt_advise_huge_pages(pointer, UInt64(bytes)) }
    return pointer
  }
}
