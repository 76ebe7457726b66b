/// Memory of our own, zeroed, on a 64-byte boundary and freed with the object.
///
/// It is written only by the initializer that creates it and never after it has been shared, which makes it `Sendable`.
final class AlignedMemory: Sendable {
  nonisolated(unsafe) let base: UnsafeMutableRawPointer

  init(byteCount: Int) {
    base = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: max(byteCount, 1))
  }

  deinit { base.deallocate() }
}
