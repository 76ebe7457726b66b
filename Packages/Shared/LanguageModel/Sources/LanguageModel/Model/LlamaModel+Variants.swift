extension LlamaModel {
  /// The operator at an address.
  public func linear(_ address: LinearAddress) -> any LinearOperator { layers[address.layer][address.site] }

  /// This model with some linear maps replaced; everything else is shared. The variant has an identity of its own, because its
  /// keys and values differ.
  ///
  /// - Throws: ``LanguageModelError`` for an address or a shape that does not fit.
  public func replacing(_ operators: [LinearAddress: any LinearOperator]) throws(LanguageModelError) -> LlamaModel {
    var changed = layers
    var names: [String] = []
    for (address, linear) in operators {
      guard changed.indices.contains(address.layer) else {
        throw LanguageModelError(.invalidArgument, "there is no \(address): the model has \(layers.count) layers")
      }
      let old = changed[address.layer][address.site]
      guard old.inputWidth == linear.inputWidth, old.outputWidth == linear.outputWidth else {
        throw LanguageModelError(
          .invalidArgument,
          "the operator for \(address) maps \(linear.inputWidth) → \(linear.outputWidth), the model needs "
            + "\(old.inputWidth) → \(old.outputWidth)")
      }
      changed[address.layer][address.site] = linear
      names.append("\(address.layer).\(address.site.rawValue)=\(linear.identifier)")
    }
    if names.isEmpty { return self }
    return LlamaModel(self, layers: changed, hash: identity.hash + "+" + names.sorted().joined(separator: "+"))
  }

  /// This model without some of its layers: the residual stream passes them unchanged.
  ///
  /// - Throws: ``LanguageModelError`` for a layer that does not exist.
  public func skipping(layers skipped: Set<Int>) throws(LanguageModelError) -> LlamaModel {
    if let wrong = skipped.first(where: { !layers.indices.contains($0) }) {
      throw LanguageModelError(.invalidArgument, "cannot skip layer \(wrong): the model has \(layers.count) layers")
    }
    if skipped.isEmpty { return self }
    let all = skippedLayers.union(skipped)
    let names = skipped.sorted().map(String.init).joined(separator: ",")
    return LlamaModel(self, hash: identity.hash + "-layers[\(names)]", skipping: all)
  }

  /// The same model with other options; shares all weights and the identity.
  public func with(options: ModelOptions) -> LlamaModel { LlamaModel(self, options: options) }

  /// The same model with other numerics; shares all weights and the identity.
  public func with(numerics: Numerics) -> LlamaModel {
    var options = options
    options.numerics = numerics
    return with(options: options)
  }
}
