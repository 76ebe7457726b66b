import LanguageModel
import TinyTensor

/// A stretch of adjacent layers, run on the residual stream of a window.
///
/// Carrying the stream from stretch to stretch makes a layer-by-layer method cost two forward passes in all, instead of one from the first
/// layer on for each layer.
struct LayerPass {
  private let model: LlamaModel
  private let layers: Range<Int>

  /// The layers `layers` of a model, for windows of `window` tokens.
  init(_ model: LlamaModel, layers: Range<Int>, window: Int) throws {
    let others = Set(0..<model.config.layers).subtracting(layers)
    var options = model.options
    options.chunk = window
    self.model = try model.skipping(layers: others).with(options: options)
    self.layers = layers
  }

  /// Runs the layers.
  ///
  /// - Parameters:
  ///   - hidden: The residual stream before the first layer, `[tokens, width]`.
  ///   - body: Called with every input as it is computed, `[tokens, inputs]`.
  /// - Returns: The residual stream behind the last layer.
  @discardableResult
  func observe(_ hidden: Tensor, _ body: (GramKey, Tensor) throws -> Void) throws -> Tensor {
    var failure: (any Error)?
    let result = try withoutActuallyEscaping(body) { body in
      try run(hidden) { layer, site, activations in
        guard failure == nil else { return }
        do { try body(GramKey(site, layer: layer), activations) } catch { failure = error }
      }
    }
    if let failure { throw failure }
    return result
  }

  /// Runs the layers without looking at their inputs.
  func advance(_ hidden: Tensor) throws -> Tensor { try run(hidden, nil) }

  private func run(_ hidden: Tensor, _ input: ((Int, InputSite, inout Tensor) -> Void)?) throws -> Tensor {
    var result = hidden
    let last = layers.upperBound - 1
    let hooks = ForwardHooks(input: input, hidden: { layer, hidden in if layer == last { result = hidden } })
    var cache = model.makeCache()
    _ = try model.forward(embeddings: hidden, cache: &cache, logits: .none, hooks: hooks)
    return result
  }
}
