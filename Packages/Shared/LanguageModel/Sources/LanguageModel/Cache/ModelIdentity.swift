/// What a ``KVCache`` must agree on with the model that uses it.
///
/// Two models with the same identity compute the same keys and values for the same input. The hash covers the weights and,
/// for a modified model, the names of its modifications.
public struct ModelIdentity: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Fingerprint of the weights, with a suffix per modification (replaced operators, skipped layers).
  public var hash: String
  /// Number of transformer layers.
  public var layers: Int
  /// Key/value heads per layer.
  public var kvHeads: Int
  /// Elements of a head.
  public var headSize: Int
  /// The rotary position embedding of the model.
  public var rotary: RotaryEmbedding

  /// Creates an identity.
  public init(hash: String, layers: Int, kvHeads: Int, headSize: Int, rotary: RotaryEmbedding) {
    self.hash = hash
    self.layers = layers
    self.kvHeads = kvHeads
    self.headSize = headSize
    self.rotary = rotary
  }

  /// The start of the hash and the shape.
  public var description: String {
    "\(hash.prefix(12))… (\(layers) layers, \(kvHeads) KV heads of \(headSize))"
  }
}
