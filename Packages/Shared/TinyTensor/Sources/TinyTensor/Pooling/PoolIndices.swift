/// For each output of a max-pooling the offset of the chosen input inside its image; pooled storage, opaque to callers.
public struct PoolIndices: Sendable {
  let storage: TensorStorage
  let geometry: PoolGeometry

  init(_ geometry: PoolGeometry) {
    self.geometry = geometry
    storage = TensorStorage(count: geometry.outputShape.reduce(1, *))
  }

  /// The number of outputs.
  public var count: Int { geometry.outputShape.reduce(1, *) }

  /// The shape of the pooled input, `[batch, height, width, channels]`.
  public var inputShape: [Int] { [geometry.batch, geometry.height, geometry.width, geometry.channels] }

  /// The offsets, in the order of the outputs.
  public var offsets: [Int32] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  var pointer: UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(storage.pointer).assumingMemoryBound(to: Int32.self)
  }
}
