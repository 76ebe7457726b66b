import LanguageModel

/// The shapes of the matrices that are compressed: W `[inputs, outputs]` per site, `y = x W` as in the paper.
public struct ModelShapes: Sendable, Hashable {
  /// The number of layers.
  public let layers: Int
  private let config: LlamaConfig

  /// The shapes of a model.
  public init(_ config: LlamaConfig) {
    layers = config.layers
    self.config = config
  }

  /// d1, the number of inputs.
  public func inputs(_ site: LinearSite) -> Int { site.tensor(layer: 0).shape(in: config).columns }
  /// d2, the number of outputs.
  public func outputs(_ site: LinearSite) -> Int { site.tensor(layer: 0).shape(in: config).rows }
  /// d1 · d2.
  public func parameters(_ site: LinearSite) -> Int { inputs(site) * outputs(site) }
  /// All parameters of the layers' matrices.
  public var blockParameters: Int { layers * LinearSite.allCases.reduce(0) { $0 + parameters($1) } }
  /// Parameters that stay as they are: embedding, head and norms.
  public var otherParameters: Int { config.parameterCount - blockParameters }

  /// k = ⌊(1 − r) · n · d1 · d2 / (d1 + n · d2)⌋ (appendix A.1): the rank at which a group of `groupSize` layers keeps the fraction
  /// 1 − `ratio` of its parameters.
  public func rank(_ site: LinearSite, groupSize: Int, ratio: Double) -> Int {
    let wide = groupSize * outputs(site)
    return Int((1 - ratio) * Double(inputs(site) * wide) / Double(inputs(site) + wide))
  }

  /// The smallest rank that saves nothing: from there on the factors are as large as the matrices, or the rank is full.
  public func rankLimit(_ site: LinearSite, groupSize: Int) -> Int {
    let wide = groupSize * outputs(site)
    let breakEven = (inputs(site) * wide + inputs(site) + wide - 1) / (inputs(site) + wide)
    return min(breakEven, min(inputs(site), wide))
  }
}
