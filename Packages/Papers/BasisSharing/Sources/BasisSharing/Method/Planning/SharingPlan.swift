import LanguageModel

/// Layers whose matrices of one type share a basis.
public struct SharingGroup: Sendable, Hashable, Codable {
  /// The matrix type.
  public var site: LinearSite
  /// The layers, ascending; a single one keeps a basis of its own.
  public var layers: [Int]
  /// The number of basis vectors k.
  public var rank: Int

  /// Creates a group.
  public init(site: LinearSite, layers: [Int], rank: Int) {
    self.site = site
    self.layers = layers
    self.rank = rank
  }

  /// Parameters of basis and coefficients: k · (d1 + n · d2).
  public func parameters(_ shapes: ModelShapes) -> Int {
    rank * (shapes.inputs(site) + layers.count * shapes.outputs(site))
  }

  /// Multiply-adds per token: n · k · (d1 + d2). Sharing saves storage, not arithmetic.
  public func multiplyAdds(_ shapes: ModelShapes) -> Int {
    layers.count * rank * (shapes.inputs(site) + shapes.outputs(site))
  }
}

/// What shares with what, and ranks. Matrices in no group stay dense.
public struct SharingPlan: Sendable, Hashable, Codable {
  /// The groups, ordered by site and first layer.
  public var groups: [SharingGroup]

  /// Creates a plan.
  public init(groups: [SharingGroup]) {
    self.groups = groups.sorted { ($0.order, $0.layers.first ?? 0) < ($1.order, $1.layers.first ?? 0) }
  }

  /// The paper's plan: adjacent layers (1, 2), (3, 4), … share for the types of `shared`, all types have the same ratio.
  ///
  /// - Parameters:
  ///   - ratio: The fraction of parameters to remove.
  ///   - referenceRanks: Whether a short last group keeps the rank of a full one, as in the public code; otherwise its rank follows
  ///     from its own length, so that the ratio is met.
  /// - Throws: ``BasisSharingError``. A group at whose rank nothing would be saved is left dense.
  public static func paper(
    shared: Set<LinearSite>, groupSize: Int, ratio: Double, shapes: ModelShapes, referenceRanks: Bool = false
  ) throws(BasisSharingError) -> SharingPlan {
    guard ratio > 0, ratio < 1 else { throw .invalidRatio(ratio) }
    guard (1...shapes.layers).contains(groupSize) else { throw .invalidGroupSize(groupSize, layers: shapes.layers) }
    var groups: [SharingGroup] = []
    for site in LinearSite.allCases {
      let size = shared.contains(site) ? groupSize : 1
      for start in stride(from: 0, to: shapes.layers, by: size) {
        let layers = Array(start..<min(start + size, shapes.layers))
        let rank = shapes.rank(site, groupSize: referenceRanks ? size : layers.count, ratio: ratio)
        if rank > 0, rank < shapes.rankLimit(site, groupSize: layers.count) {
          groups.append(SharingGroup(site: site, layers: layers, rank: rank))
        }
      }
    }
    return SharingPlan(groups: groups)
  }

  /// Checks a plan against a model.
  ///
  /// - Throws: ``BasisSharingError`` for the first group that is wrong.
  public func check(_ shapes: ModelShapes) throws(BasisSharingError) {
    var seen: Set<LinearAddress> = []
    for group in groups {
      guard let first = group.layers.first, let last = group.layers.last else {
        throw .invalidPlan("a group of \(group.site.rawValue) has no layers")
      }
      guard zip(group.layers, group.layers.dropFirst()).allSatisfy(<), first >= 0, last < shapes.layers else {
        throw .invalidPlan("layers \(group.layers) of \(group.site.rawValue) must ascend within 0..<\(shapes.layers)")
      }
      for layer in group.layers where !seen.insert(LinearAddress(layer: layer, site: group.site)).inserted {
        throw .invalidPlan("layer \(layer) is in two groups of \(group.site.rawValue)")
      }
      let limit = shapes.rankLimit(group.site, groupSize: group.layers.count)
      guard group.rank > 0, group.rank < limit else {
        throw .rankTooLarge(site: group.site.rawValue, layers: group.layers, rank: group.rank, limit: limit)
      }
    }
  }

  /// Parameters of all block matrices under this plan, dense ones included.
  public func parameters(_ shapes: ModelShapes) -> Int { total(shapes) { $0.parameters(shapes) } }

  /// Multiply-adds of all block matrices per token under this plan.
  public func multiplyAdds(_ shapes: ModelShapes) -> Int { total(shapes) { $0.multiplyAdds(shapes) } }

  private func total(
    _ shapes: ModelShapes, _ factored: (SharingGroup) -> Int
  ) -> Int {
    groups.reduce(shapes.blockParameters) {
      $0 + factored($1) - $1.layers.count * shapes.parameters($1.site)
    }
  }

  /// The fraction of block parameters that the plan removes.
  public func ratio(_ shapes: ModelShapes) -> Double {
    1 - Double(parameters(shapes)) / Double(shapes.blockParameters)
  }
}

extension SharingGroup {
  fileprivate var order: Int { LinearSite.allCases.firstIndex(of: site) ?? 0 }
}
