/// A tensor of a model file as its header announces it.
public struct TensorDescription: Sendable, Hashable {
  /// The name in GGUF's convention, for example `"blk.0.attn_q.weight"`.
  public let name: String
  /// The storage format.
  public let type: TensorType
  /// The lengths of one to four dimensions in GGUF's order: the contiguous one first, so a linear weight is
  /// `[inputs, outputs]`.
  public let shape: [Int]
  /// The size of the data in bytes.
  public let byteCount: Int
  /// Where the data begins, in bytes from the beginning of the file that holds it.
  public let offset: Int

  /// The length of the contiguous dimension.
  public var columns: Int { shape[0] }
  /// The product of the other dimensions.
  public var rows: Int { shape.dropFirst().reduce(1, *) }
}
