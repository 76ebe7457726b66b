import LanguageModel
import ReproductionKit

/// The plan of least summed loss under a budget of parameters: ranks and groupings at once.
///
/// The loss of a segment of layers is its spectrum's tail on pooled inputs relative to ‖XW‖² there, times its length: the mean relative
/// loss of its layers, each counting once, so that layers of different scale compare. With a price λ per parameter the problem splits by type:
/// a segment keeps the σ² that are worth more than λ · (d1 + n · d2), and dynamic programming finds the best contiguous segments. The
/// price is found by bisection. By weak duality `Σ loss + λ · parameters − λ · budget` is a lower bound for every plan within the budget,
/// which is the certificate.
public struct GlobalPlanner {
  /// A plan with its proof.
  public struct Solution: Sendable, Hashable, Codable {
    /// The plan.
    public let plan: SharingPlan
    /// The summed relative loss of the plan.
    public let loss: Double
    /// No plan within the budget has less.
    public let lowerBound: Double
    /// Parameters of the block matrices.
    public let parameters: Int
    /// Loss that one more parameter would save.
    public let price: Double
  }

  /// A segment of adjacent layers of one type.
  struct Candidate {
    let site: LinearSite
    let layers: Range<Int>
    /// σ² per rank, times the segment's length over its ‖XW‖².
    let gains: [Double]
    /// Parameters of one basis vector with its coefficients.
    let cost: Int
    /// From this rank on the matrices are left dense.
    let limit: Int
    let denseParameters: Int

    /// The rank that a price per parameter pays for (nil: dense), its loss and its parameters.
    func choice(price: Double) -> (rank: Int?, loss: Double, parameters: Int) {
      let kept = gains.partitioningIndex { $0 <= price * Double(cost) }
      let rank = max(1, min(kept, limit - 1))
      let loss = gains[rank...].reversed().reduce(0, +)
      if loss + price * Double(rank * cost) < price * Double(denseParameters) { return (rank, loss, rank * cost) }
      return (nil, 0, denseParameters)
    }
  }

  private let shapes: ModelShapes
  private let candidates: [LinearSite: [Candidate]]

  /// Collects the spectra of all segments of up to `longest` layers.
  ///
  /// - Throws: ``BasisSharingError``, `LinearAlgebraError` or `Interrupted`.
  public init(
    _ compressor: Compressor, longest: Int = 2, progress: ProgressReporter = .silent,
    isCancelled: () -> Bool = { false }
  ) throws {
    let shapes = compressor.shapes
    guard (1...shapes.layers).contains(longest) else {
      throw BasisSharingError.invalidGroupSize(longest, layers: shapes.layers)
    }
    let segments = (0..<shapes.layers).flatMap { start in
      (1...min(longest, shapes.layers - start)).map { start..<start + $0 }
    }
    let share = 1 / Double(LinearSite.allCases.count)
    var candidates: [LinearSite: [Candidate]] = [:]
    for (index, site) in LinearSite.allCases.enumerated() {
      let phase = progress.phase(site.rawValue, from: Double(index) * share, to: Double(index + 1) * share)
      let spectra = try compressor.spectra(
        site, segments.map { Array($0) }, progress: phase, isCancelled: isCancelled)
      candidates[site] = zip(segments, spectra).map { layers, spectrum in
        // A segment's layers count one each, whatever their scale.
        let scale = Double(layers.count) / max(spectrum.total, .leastNormalMagnitude)
        let wide = layers.count * shapes.outputs(site)
        return Candidate(
          site: site, layers: layers, gains: spectrum.sigmaSquared.map { $0 * scale },
          cost: shapes.inputs(site) + wide, limit: shapes.rankLimit(site, groupSize: layers.count),
          denseParameters: shapes.inputs(site) * wide)
      }
    }
    self.init(shapes: shapes, candidates: candidates)
  }

  init(shapes: ModelShapes, candidates: [LinearSite: [Candidate]]) {
    self.shapes = shapes
    self.candidates = candidates
  }

  /// The best plan that keeps at most the fraction 1 − `ratio` of the block parameters.
  ///
  /// - Throws: ``BasisSharingError`` if even rank 1 everywhere is too large.
  public func plan(ratio: Double) throws(BasisSharingError) -> Solution {
    guard ratio > 0, ratio < 1 else { throw .invalidRatio(ratio) }
    return try plan(parameters: Int((1 - ratio) * Double(shapes.blockParameters)))
  }

  /// The best plan of at most `budget` block parameters.
  ///
  /// - Throws: ``BasisSharingError`` if even rank 1 everywhere is too large.
  public func plan(parameters budget: Int) throws(BasisSharingError) -> Solution {
    var low = 0.0
    var high = 1e-12
    while solve(price: high).parameters > budget {
      high *= 4
      guard high < 1e6 else {
        throw .unreachableBudget("\(budget) parameters are less than rank 1 everywhere needs; give more")
      }
    }
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if solve(price: middle).parameters > budget { low = middle } else { high = middle }
    }
    let best = solve(price: high)
    let bound = best.loss + high * Double(best.parameters - budget)
    let filled = fill(best, budget: budget)
    return Solution(
      plan: SharingPlan(groups: filled.chosen.compactMap(\.group)), loss: filled.loss, lowerBound: bound,
      parameters: filled.parameters, price: high)
  }

  /// A choice for every segment of a cover, with its loss and parameters.
  private struct Cover {
    var chosen: [(candidate: Candidate, rank: Int?, group: SharingGroup?)] = []
    var loss = 0.0
    var parameters = 0

    mutating func append(_ candidate: Candidate, rank: Int?, loss: Double, parameters: Int) {
      let group = rank.map { SharingGroup(site: candidate.site, layers: Array(candidate.layers), rank: $0) }
      chosen.append((candidate, rank, group))
      self.loss += loss
      self.parameters += parameters
    }
  }

  /// Spends what a jump between two prices left over: one more rank where it saves the most loss per parameter, again and again.
  private func fill(_ cover: Cover, budget: Int) -> Cover {
    var result = cover
    while true {
      var best: (index: Int, rank: Int, value: Double)?
      for (index, choice) in result.chosen.enumerated() {
        guard let rank = choice.rank, rank + 1 < choice.candidate.limit, rank < choice.candidate.gains.count,
          result.parameters + choice.candidate.cost <= budget
        else { continue }
        let value = choice.candidate.gains[rank] / Double(choice.candidate.cost)
        if value > best?.value ?? 0 { best = (index, rank, value) }
      }
      guard let best else { return result }
      let candidate = result.chosen[best.index].candidate
      result.chosen[best.index].rank = best.rank + 1
      result.chosen[best.index].group?.rank = best.rank + 1
      result.loss -= candidate.gains[best.rank]
      result.parameters += candidate.cost
    }
  }

  /// The minimum of loss + price · parameters over all contiguous groupings and ranks.
  private func solve(price: Double) -> Cover {
    var cover = Cover()
    for site in LinearSite.allCases {
      let choices = (candidates[site] ?? []).map { ($0, $0.choice(price: price)) }
      // best[l]: the cheapest cover of the first l layers, and the choice that ends it.
      var best: [(value: Double, last: Int)] = [(0, -1)]
      for end in 1...shapes.layers {
        var winner = (value: Double.infinity, last: -1)
        for (index, (candidate, choice)) in choices.enumerated() where candidate.layers.upperBound == end {
          let value = best[candidate.layers.lowerBound].value + choice.loss + price * Double(choice.parameters)
          if value < winner.value { winner = (value, index) }
        }
        best.append(winner)
      }
      var end = shapes.layers
      while end > 0, best[end].last >= 0 {
        let (candidate, choice) = choices[best[end].last]
        cover.append(candidate, rank: choice.rank, loss: choice.loss, parameters: choice.parameters)
        end = candidate.layers.lowerBound
      }
    }
    return cover
  }
}

extension Array where Element == Double {
  /// The first index for which the predicate holds, for values that are sorted so that it holds from there on.
  fileprivate func partitioningIndex(_ predicate: (Double) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
