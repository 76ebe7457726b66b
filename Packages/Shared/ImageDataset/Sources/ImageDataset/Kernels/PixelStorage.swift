import FileKit
import Foundation

/// The bytes of many images, either allocated here or part of a mapped file. Immutable once it is shared.
final class PixelStorage: @unchecked Sendable {
  let base: UnsafePointer<UInt8>
  let count: Int
  private let owner: MappedFile?
  private let allocation: UnsafeMutableRawPointer?

  /// Allocates `count` bytes and lets `fill` write all of them.
  init<Failure: Error>(
    count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 64)
    let bytes = memory.bindMemory(to: UInt8.self, capacity: max(count, 1))
    do throws(Failure) {
      try fill(UnsafeMutableBufferPointer(start: bytes, count: count))
    } catch {
      memory.deallocate()
      throw error
    }
    base = UnsafePointer(bytes)
    self.count = count
    owner = nil
    allocation = memory
  }

  /// A copy of `bytes`.
  convenience init(_ bytes: [UInt8]) {
    self.init(count: bytes.count) { _ = $0.update(from: bytes) }
  }

  /// `count` bytes of a mapped file from `offset`; `nil` when the file is shorter.
  init?(_ file: MappedFile, offset: Int, count: Int) {
    guard offset >= 0, count > 0, offset <= file.count, count <= file.count - offset else { return nil }
    // The address of a mapping does not change as long as the object lives, and `owner` keeps it alive.
    guard let start = file.withUnsafeBytes({ $0.baseAddress }) else { return nil }
    base = start.advanced(by: offset).assumingMemoryBound(to: UInt8.self)
    self.count = count
    owner = file
    allocation = nil
  }

  deinit { allocation?.deallocate() }

  var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }
}
