/// For each output of a max-pooling the offset of the chosen input inside its image; pooled storage, opaque to callers.
public struct PoolIndices: Sendable {
  let storage: TensorStorage
  /// The number of outputs.
  public let count: Int
  /// The shape of the pooled input, `[batch, height, width, channels]`.
  public let inputShape: [Int]

  init(count: Int, inputShape: [Int]) {
    storage = TensorStorage(count: count)
    self.count = count
    self.inputShape = inputShape
  }

  /// The offsets, in the order of the outputs.
  public var offsets: [Int32] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  var pointer: UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(storage.pointer).assumingMemoryBound(to: Int32.self)
  }
}
