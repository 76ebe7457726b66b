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
    try spectra(site, [layers])[0]
  }

  /// The spectra of several groups of one type, in the metric; those that the store lacks are computed side by side.
  ///
  /// - Parameters:
  ///   - progress: Where to tell how far it is.
  ///   - isCancelled: Asked now and then.
  /// - Throws: ``BasisSharingError``, `LinearAlgebraError` or `Interrupted`.
  public func spectra(
    _ site: LinearSite, _ groups: [[Int]], progress: ProgressReporter = .silent, isCancelled: () -> Bool = { false }
  ) throws -> [GroupSpectrum] {
    var result: [GroupSpectrum] = []
    for batch in groups.batches(of: Self.batch) {
      if isCancelled() { throw Interrupted() }
      let missing = batch.filter { store.spectrum(site, $0) == nil }
      let found = try parallelMap(missing) { layers in
        try BasisFactorizer.spectrum(
          weights: layers.map { weight(site, layer: $0) }, gram: metric.gram(grams, site: site.input, layers: layers))
      }
      for (layers, spectrum) in zip(missing, found) { store.insert(spectrum, site, layers) }
      result += batch.compactMap { store.spectrum(site, $0) }
      progress.report(result.count, of: groups.count, "spectra of \(site.rawValue)")
    }
    return result
  }

  /// The factors of a group and the spectrum they were cut from.
  ///
  /// - Throws: ``BasisSharingError`` or `LinearAlgebraError`.
  public func decompose(_ group: SharingGroup) throws -> (factors: SharedFactors, spectrum: GroupSpectrum) {
    try decompose([group])[0]
  }

  /// The factors of several groups and the spectra they were cut from; groups that the store lacks are decomposed side by side.
  ///
  /// - Throws: ``BasisSharingError`` or `LinearAlgebraError`.
  public func decompose(_ groups: [SharingGroup]) throws -> [(factors: SharedFactors, spectrum: GroupSpectrum)] {
    let missing = groups.filter { store.entry($0.site, $0.layers, rank: $0.rank) == nil }
    let found = try parallelMap(missing) { group in
      let kept = max(group.rank, shapes.rank(group.site, groupSize: group.layers.count, ratio: smallestRatio))
      let (factors, spectrum) = try BasisFactorizer.factor(
        weights: group.layers.map { weight(group.site, layer: $0) },
        gram: metric.gram(grams, site: group.site.input, layers: group.layers), rank: kept)
      return FactorStore.Entry(factors: factors, spectrum: spectrum)
    }
    for (group, entry) in zip(missing, found) { try store.insert(entry, group.site, group.layers) }
    return groups.compactMap { group in
      store.entry(group.site, group.layers, rank: group.rank).map { entry in
        (entry.factors.truncated(to: group.rank), entry.spectrum)
      }
    }
  }

  /// Compresses the model.
  ///
  /// - Parameters:
  ///   - plan: What shares with what.
  ///   - refit: What follows the decomposition.
  ///   - progress: Where to tell how far it is.
  ///   - isCancelled: Asked every few groups.
  /// - Throws: ``BasisSharingError``, `LinearAlgebraError` or `Interrupted`.
  public func compress(
    _ plan: SharingPlan, refit: RefitMode = .none, progress: ProgressReporter = .silent,
    isCancelled: () -> Bool = { false }
  ) throws -> CompressedModel {
    try plan.check(shapes)
    var all: [SharedFactors] = []
    for batch in plan.groups.batches(of: Self.batch) {
      if isCancelled() { throw Interrupted() }
      let factors = try decompose(batch).map(\.factors)
      all += try parallelMap(Array(zip(batch, factors))) { group, factors in
        try refitted(factors, refit, group)
      }
      if let last = batch.last {
        progress.report(all.count, of: plan.groups.count, "\(last.site.rawValue), layers \(last.layers)")
      }
    }
    return CompressedModel(base: model, plan: plan, factors: all)
  }

  /// Groups between two questions whether to go on; a few for each thread.
  static let batch = 4

  private func refitted(_ factors: SharedFactors, _ refit: RefitMode, _ group: SharingGroup) throws -> SharedFactors {
    // The factors of a layer alone are the least squares of its own inputs already.
    guard refit != .none, group.layers.count > 1 || metric != .whitened else { return factors }
    let weights = group.layers.map { weight(group.site, layer: $0) }
    let grams = try group.layers.map { try self.grams.gram(group.site.input, layers: [$0]) }
    var result = factors
    switch refit {
    case .none: break
    case .own: try CoefficientRefit.own(&result, weights: weights, grams: grams)
    case .alternating: try AlternatingRefit().apply(to: &result, weights: weights, grams: grams)
    }
    return result
  }
}

extension Array {
  /// The elements in slices of at most `count`.
  func batches(of count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}
