import TinyTensor

/// Windows into a forward pass. Closures are called on the calling thread, layer by layer, once per chunk of the input.
public struct ForwardHooks {
  /// Called with the input of the linear maps at a site, `[tokens, inputs]`; may change it.
  public var input: ((_ layer: Int, _ site: InputSite, _ activations: inout Tensor) -> Void)?
  /// Called with the attention weights of a layer, `[heads, tokens, slots]`; rows sum to 1, invisible slots are 0.
  public var attention: ((_ layer: Int, _ weights: Tensor) -> Void)?
  /// Called with the residual stream behind a layer, `[tokens, width]`; may change it. Layer -1 is the embedding.
  public var hidden: ((_ layer: Int, _ hidden: inout Tensor) -> Void)?

  /// Hooks; those left out cost nothing.
  public init(
    input: ((_ layer: Int, _ site: InputSite, _ activations: inout Tensor) -> Void)? = nil,
    attention: ((_ layer: Int, _ weights: Tensor) -> Void)? = nil,
    hidden: ((_ layer: Int, _ hidden: inout Tensor) -> Void)? = nil
  ) {
    self.input = input
    self.attention = attention
    self.hidden = hidden
  }
}
