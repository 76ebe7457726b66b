/// Reference-counted ownership of one pooled buffer of floats.
final class TensorStorage: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  private let sizeClass: Int

  /// Takes a buffer for `count` floats with undefined content.
  init(count: Int) {
    let (raw, sizeClass) = BufferPool.allocate(bytes: count * MemoryLayout<Float>.stride)
    pointer = raw.assumingMemoryBound(to: Float.self)
    self.sizeClass = sizeClass
  }

  deinit {
    BufferPool.release(pointer, sizeClass: sizeClass)
  }
}
