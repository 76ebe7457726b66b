/// Lends a pooled, 64-byte aligned scratch buffer of `count` elements with undefined content for the duration of `body`.
///
/// Only for trivial types such as `Float` and `Int32`.
public func withScratch<T: BitwiseCopyable, R, E: Error>(
  _ type: T.Type = T.self, count: Int, _ body: (UnsafeMutablePointer<T>) throws(E) -> R
) throws(E) -> R {
  let (raw, sizeClass) = BufferPool.allocate(bytes: count * MemoryLayout<T>.stride)
  defer { BufferPool.release(raw, sizeClass: sizeClass) }
  return try body(raw.assumingMemoryBound(to: T.self))
}
