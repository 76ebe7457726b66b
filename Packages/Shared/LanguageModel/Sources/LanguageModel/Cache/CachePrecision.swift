/// The number format of the keys and values in a ``KVCache``.
public enum CachePrecision: String, Sendable, Hashable, Codable, CaseIterable {
  /// 32-bit floats: what was computed, unchanged.
  case float32
  /// IEEE binary16: half the memory and bandwidth; relative error 2⁻¹¹.
  case float16
  /// bfloat16: half the memory; relative error 2⁻⁸, the range of a float.
  case bfloat16

  /// Bytes of one element.
  public var byteCount: Int { self == .float32 ? 4 : 2 }
}

/// Whether a ``KVCache`` keeps its keys after or before the rotary position embedding.
public enum KeyStorage: String, Sendable, Hashable, Codable, CaseIterable {
  /// Keys are rotated to their positions when they are stored: nothing to do when they are read. Moving them rotates by the
  /// difference.
  case rotated
  /// Keys are stored as they leave the projection and rotated whenever they are read. Moving them only changes positions and
  /// is exact.
  case unrotated
}
