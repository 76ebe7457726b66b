import TinyTensor

/// A pre-norm transformer block: `x + attention(norm(x))`, then `x + mlp(norm(x))` with GELU.
///
/// Parameters: `ln1`, `attention.query`, `.key`, `.value`, `.output`, `ln2`, `mlp.0`, `mlp.2` under the block's name.
public struct TransformerBlock: Module {
  /// Number of attention heads.
  public let heads: Int
  /// Whether positions see only the past.
  public let causal: Bool

  private let attentionNorm: LayerNormLayer
  private let query: LinearLayer
  private let key: LinearLayer
  private let value: LinearLayer
  private let output: LinearLayer
  private let feedForward: Sequential

  /// Creates a block for `[batch, length, features]`; the hidden layer is four times as wide unless given.
  public init(
    _ name: String, features: Int, heads: Int, hidden: Int? = nil, causal: Bool = true, using generator: inout Philox
  ) {
    precondition(heads > 0 && features % heads == 0, "\(heads) heads do not divide \(features) features")
    let width = hidden ?? 4 * features
    self.heads = heads
    self.causal = causal
    attentionNorm = LayerNormLayer(name + ".ln1", features: features)
    query = LinearLayer(name + ".attention.query", inputs: features, outputs: features, using: &generator)
    key = LinearLayer(name + ".attention.key", inputs: features, outputs: features, using: &generator)
    value = LinearLayer(name + ".attention.value", inputs: features, outputs: features, using: &generator)
    output = LinearLayer(name + ".attention.output", inputs: features, outputs: features, using: &generator)
    feedForward = Sequential(
      LayerNormLayer(name + ".ln2", features: features),
      LinearLayer(name + ".mlp.0", inputs: features, outputs: width, using: &generator), Activation(gelu),
      LinearLayer(name + ".mlp.2", inputs: width, outputs: features, using: &generator))
  }

  /// All parameters, in the order of the computation.
  public var parameters: [Variable] {
    attentionNorm.parameters + query.parameters + key.parameters + value.parameters + output.parameters
      + feedForward.parameters
  }

  /// `[batch, length, features]` → `[batch, length, features]`.
  public func callAsFunction(_ x: Variable) -> Variable {
    let normed = attentionNorm(x)
    let mixed = attention(
      query: query(normed), key: key(normed), value: value(normed), heads: heads, causal: causal)
    let y = x + output(mixed)
    return y + feedForward(y)
  }
}
