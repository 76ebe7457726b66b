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
  /// The smallest ratio that a decomposition of the store serves: factors of its rank are kept, and any smaller rank is cut from them.
  public let smallestRatio: Double

  /// A compressor.
  public init(
    model: LlamaModel, grams: GramStore, metric: WeightMetric = .whitened, store: FactorStore = FactorStore(),
    smallestRatio: Double = 0.2
  ) {
    self.model = model
    self.grams = grams
    self.metric = metric
    self.store = store
    self.smallestRatio = smallestRatio
  }

  /// The shapes of the model's matrices.
  public var shapes: ModelShapes { ModelShapes(model.config) }

  /// W `[inputs, outputs]` of a matrix.
  public func weight(_ site: LinearSite, layer: Int) -> DoubleMatrix {
    DoubleMatrix(model.linear(LinearAddress(layer: layer, site: site)).weight.transposed)
  }

  /// The spectrum of a group in the metric.
  ///
  /// - Throws: ``BasisSharingError`` or `LinearAlgebraError`.
  public func spectrum(_ site: LinearSite, layers: [Int]) throws -> GroupSpectrum {
    if let known = store.spectrum(site, layers) { return known }
    let spectrum = try BasisFactorizer.spectrum(
      weights: layers.map { weight(site, layer: $0) }, gram: metric.gram(grams, site: site.input, layers: layers))
    store.insert(spectrum, site, layers)
    return spectrum
  }

  /// The factors of a group and the spectrum they were cut from.
  ///
  /// - Throws: ``BasisSharingError`` or `LinearAlgebraError`.
  public func decompose(_ group: SharingGroup) throws -> (factors: SharedFactors, spectrum: GroupSpectrum) {
    let entry = try decompose(group.site, layers: group.layers, rank: group.rank)
    return (entry.factors.truncated(to: group.rank), entry.spectrum)
  }

  /// Compresses the model.
  ///
  /// - Parameters:
  ///   - plan: What shares with what.
  ///   - refit: What follows the decomposition.
  ///   - progress: Where to tell how far it is.
  ///   - isCancelled: Asked after each group.
  /// - Throws: ``BasisSharingError``, `LinearAlgebraError` or `Interrupted`.
  public func compress(
    _ plan: SharingPlan, refit: RefitMode = .none, progress: ProgressReporter = .silent,
    isCancelled: () -> Bool = { false }
  ) throws -> CompressedModel {
    try plan.check(shapes)
    var all: [SharedFactors] = []
    for (index, group) in plan.groups.enumerated() {
      if isCancelled() { throw Interrupted() }
      var factors = try decompose(group).factors
      try apply(refit, to: &factors, group)
      all.append(factors)
      progress.report(index + 1, of: plan.groups.count, "\(group.site.rawValue), layers \(group.layers)")
    }
    return CompressedModel(base: model, plan: plan, factors: all)
  }

  private func apply(_ refit: RefitMode, to factors: inout SharedFactors, _ group: SharingGroup) throws {
    // The factors of a layer alone are the least squares of its own inputs already.
    guard refit != .none, group.layers.count > 1 || metric != .whitened else { return }
    let weights = group.layers.map { weight(group.site, layer: $0) }
    let grams = try group.layers.map { try self.grams.gram(group.site.input, layers: [$0]) }
    switch refit {
    case .none: break
    case .own: try CoefficientRefit.own(&factors, weights: weights, grams: grams)
    case .alternating: try AlternatingRefit().apply(to: &factors, weights: weights, grams: grams)
    }
  }

  private func decompose(_ site: LinearSite, layers: [Int], rank: Int) throws -> FactorStore.Entry {
    if let entry = store.entry(site, layers, rank: rank) { return entry }
    let kept = max(rank, shapes.rank(site, groupSize: layers.count, ratio: smallestRatio))
    let (factors, spectrum) = try BasisFactorizer.factor(
      weights: layers.map { weight(site, layer: $0) }, gram: metric.gram(grams, site: site.input, layers: layers),
      rank: kept)
    let entry = FactorStore.Entry(factors: factors, spectrum: spectrum)
    try store.insert(entry, site, layers)
    return entry
  }
}
