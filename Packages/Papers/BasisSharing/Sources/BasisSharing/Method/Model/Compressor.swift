import LanguageModel
import ReproductionKit
import TinyTensor

/// Turns a dense model and its Grams into factors.
public struct Compressor {
  /// The dense model.
  public let model: LlamaModel
  /// What its matrices read.
  public let grams: GramStore
  /// The metric in which a matrix is approximated.
  public let metric: WeightMetric
  /// Decompositions that are known.
  public let store: FactorStore

  /// A compressor.
  public init(
    model: LlamaModel, grams: GramStore, metric: WeightMetric = .whitened, store: FactorStore = FactorStore()
  ) {
    self.model = model
    self.grams = grams
    self.metric = metric
    self.store = store
  }

  /// The shapes of the model's matrices.
  public var shapes: ModelShapes { ModelShapes(model.config) }

  /// W `[inputs, outputs]` of a matrix.
  public func weight(_ site: LinearSite, layer: Int) -> DoubleMatrix {
    DoubleMatrix(model.linear(LinearAddress(layer: layer, site: site)).weight.transposed)
  }

  /// The spectrum of a group in the metric.
  public func spectrum(_ site: LinearSite, layers: [Int]) throws -> GroupSpectrum {
    try decompose(site, layers: layers, rank: 1).spectrum
  }

  /// The factors of a group.
  public func factors(_ group: SharingGroup) throws -> SharedFactors {
    try decompose(group.site, layers: group.layers, rank: group.rank).factors.truncated(to: group.rank)
  }

  /// Compresses the model.
  ///
  /// - Parameters:
  ///   - plan: What shares with what.
  ///   - refitsOwn: Whether coefficients are refitted to each layer's own inputs.
  ///   - progress: Where to tell how far it is.
  ///   - isCancelled: Asked after each group.
  /// - Throws: ``BasisSharingError``, `LinearAlgebraError` or `Interrupted`.
  public func compress(
    _ plan: SharingPlan, refitsOwn: Bool = false, progress: ProgressReporter = .silent,
    isCancelled: () -> Bool = { false }
  ) throws -> CompressedModel {
    try plan.check(shapes)
    var all: [SharedFactors] = []
    for (index, group) in plan.groups.enumerated() {
      if isCancelled() { throw Interrupted() }
      var factors = try factors(group)
      // A layer alone already has its own inputs' least squares.
      if refitsOwn && group.layers.count > 1 {
        try CoefficientRefit.own(
          &factors, weights: group.layers.map { weight(group.site, layer: $0) },
          grams: group.layers.map { try grams.gram(group.site.input, layers: [$0]) })
      }
      all.append(factors)
      progress.report(index + 1, of: plan.groups.count, "\(group.site.rawValue), layers \(group.layers)")
    }
    return CompressedModel(base: model, plan: plan, factors: all)
  }

  /// Decomposes a group once for every rank up to what saves at least a tenth of its parameters.
  private func decompose(_ site: LinearSite, layers: [Int], rank: Int) throws -> FactorStore.Entry {
    if let entry = store.entry(site, layers, rank: rank) { return entry }
    let kept = max(rank, shapes.rank(site, groupSize: layers.count, ratio: 0.1))
    let weights = layers.map { weight(site, layer: $0) }
    let gram = try metric.gram(grams, site: site.input, layers: layers)
    let (factors, spectrum) = try BasisFactorizer.factor(weights: weights, gram: gram, rank: kept)
    let entry = FactorStore.Entry(factors: factors, spectrum: spectrum)
    try store.insert(entry, site, layers)
    return entry
  }
}
