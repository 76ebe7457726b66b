import LanguageModel
import ReproductionKit
import TinyTensor

/// Whether two layers should share a basis (section "selection of matrices"), judged at equal ratio by three criteria.
public struct SharingCriterion {
  /// What sharing and not sharing cost a pair of layers.
  public struct Verdict: Sendable, Hashable, Codable {
    /// The matrix type.
    public let site: LinearSite
    /// The two layers.
    public let layers: [Int]
    /// √Σ_{m>k} σ² of the pair on pooled inputs, the paper's loss.
    public let pairNorm: Double
    /// Σ of the same of both layers alone.
    public let singleNorm: Double
    /// Σᵢ ‖X(i)(W(i) − B C(i))‖² of the pair on each layer's own inputs.
    public let pairLoss: Double
    /// The same behind an own-Gram refit of the coefficients.
    public let refittedLoss: Double
    /// The same of both layers alone.
    public let singleLoss: Double

    /// (a) The paper's criterion: the norm of the pair is below the sum of the two norms.
    public var gainsByNorm: Bool { pairNorm < singleNorm }
    /// (b) The loss that reaches the output is smaller.
    public var gainsByLoss: Bool { pairLoss < singleLoss }
    /// (c) It is smaller behind a refit.
    public var gainsByRefit: Bool { refittedLoss < singleLoss }
  }

  /// Supplies weights, Grams and decompositions.
  public let compressor: Compressor

  /// A criterion.
  public init(_ compressor: Compressor) { self.compressor = compressor }

  /// Judges pairs of layers at some ratios, several pairs at a time.
  ///
  /// - Parameter isCancelled: Asked every few pairs.
  /// - Returns: For every pair its verdicts in the order of the ratios.
  /// - Throws: ``BasisSharingError``, `LinearAlgebraError` or `Interrupted`.
  public func judge(
    _ site: LinearSite, _ pairs: [[Int]], ratios: [Double], isCancelled: () -> Bool = { false }
  ) throws -> [[Verdict]] {
    precondition(pairs.allSatisfy { $0.count == 2 }, "a pair has two layers, got \(pairs)")
    // One decomposition and one fit at the largest rank serve every ratio.
    let rank = ratios.map { compressor.shapes.rank(site, groupSize: 2, ratio: $0) }.max() ?? 0
    var result: [[Verdict]] = []
    for batch in pairs.batches(of: Compressor.batch) {
      if isCancelled() { throw Interrupted() }
      let decompositions = try compressor.decompose(batch.map { SharingGroup(site: site, layers: $0, rank: rank) })
      let singles = try compressor.spectra(site, batch.joined().map { [$0] })
      result += try parallelMap(Array(batch.indices)) { index in
        try verdicts(
          site, batch[index], decompositions[index].factors, pooled: decompositions[index].spectrum,
          alone: Array(singles[2 * index..<2 * index + 2]), ratios: ratios)
      }
    }
    return result
  }

  private func verdicts(
    _ site: LinearSite, _ layers: [Int], _ factors: SharedFactors, pooled: GroupSpectrum, alone: [GroupSpectrum],
    ratios: [Double]
  ) throws -> [Verdict] {
    let fits = try fits(site, layers, factors)
    return try ratios.map { ratio in
      let rank = compressor.shapes.rank(site, groupSize: 2, ratio: ratio)
      let single = compressor.shapes.rank(site, groupSize: 1, ratio: ratio)
      let tails = alone.map { $0.tailLoss(rank: single) }
      var (loss, refitted) = (0.0, 0.0)
      for (fit, coefficients) in zip(fits, factors.truncated(to: rank).coefficients) {
        let fit = fit.truncated(to: rank)
        loss += fit.loss(DoubleMatrix(coefficients))
        refitted += fit.loss(try fit.solution())
      }
      return Verdict(
        site: site, layers: layers, pairNorm: pooled.tailLoss(rank: rank).squareRoot(),
        singleNorm: tails.reduce(0) { $0 + $1.squareRoot() }, pairLoss: loss, refittedLoss: refitted,
        singleLoss: tails.reduce(0, +))
    }
  }

  /// What the own inputs of some layers say about coefficients for a basis.
  private func fits(_ site: LinearSite, _ layers: [Int], _ factors: SharedFactors) throws -> [LayerFit] {
    let basis = DoubleMatrix(factors.basis)
    return try layers.map { layer in
      let weight = compressor.weight(site, layer: layer)
      let gram = try compressor.grams.gram(site.input, layers: [layer])
      let image = DoubleProduct.multiply(gram, weight)
      let total = zip(weight.values, image.values).reduce(0.0) { $0 + $1.0 * $1.1 }
      return LayerFit(basis: basis, gram: gram, image: image, total: total)
    }
  }

  /// The adjacent pairs (0, 1), (2, 3), … of a model.
  public static func pairs(layers: Int) -> [[Int]] {
    stride(from: 0, to: layers - 1, by: 2).map { [$0, $0 + 1] }
  }

  /// The types for which a refitted shared basis is better in the majority of pairs: `--share auto`.
  public static func sharedTypes(_ verdicts: [Verdict]) -> Set<LinearSite> {
    Set(
      LinearSite.allCases.filter { site in
        let own = verdicts.filter { $0.site == site }
        return own.count { $0.gainsByRefit } * 2 > own.count
      })
  }

  /// The pooled loss of every pair of layers of a type relative to their losses alone, at one ratio: the paper's heat map.
  ///
  /// - Returns: `[layer][layer]`: pair norm / sum of single norms, symmetric; 1 on the diagonal, where nothing is shared.
  /// - Throws: ``BasisSharingError`` or `LinearAlgebraError`.
  public func heatMap(_ site: LinearSite, ratio: Double, progress: (Int, Int) -> Void = { _, _ in }) throws
    -> [[Double]]
  {
    let shapes = compressor.shapes
    let single = shapes.rank(site, groupSize: 1, ratio: ratio)
    let pair = shapes.rank(site, groupSize: 2, ratio: ratio)
    let norms = try compressor.spectra(site, (0..<shapes.layers).map { [$0] }).map {
      $0.tailLoss(rank: single).squareRoot()
    }
    var map = [[Double]](repeating: [Double](repeating: 1, count: shapes.layers), count: shapes.layers)
    var done = 0
    for row in 0..<shapes.layers {
      let columns = row + 1..<max(row + 1, shapes.layers)
      let spectra = try compressor.spectra(site, columns.map { [row, $0] })
      for (column, spectrum) in zip(columns, spectra) {
        let norm = spectrum.tailLoss(rank: pair).squareRoot()
        let value = norm / max(norms[row] + norms[column], .leastNormalMagnitude)
        (map[row][column], map[column][row]) = (value, value)
      }
      done += columns.count
      progress(done, shapes.layers * (shapes.layers - 1) / 2)
    }
    return map
  }
}
