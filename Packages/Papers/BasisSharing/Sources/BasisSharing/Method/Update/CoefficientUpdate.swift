import LanguageModel
import ReproductionKit
import TinyTensor

/// Refits the coefficients of a compressed model to the inputs that its own layers see.
public struct CoefficientUpdate {
  /// The dense model, whose weights are the target.
  public let original: LlamaModel
  /// The text.
  public let calibrator: Calibrator
  /// When.
  public let mode: UpdateMode
  /// To what.
  public let target: UpdateTarget

  /// An update.
  public init(original: LlamaModel, calibrator: Calibrator, mode: UpdateMode, target: UpdateTarget) {
    self.original = original
    self.calibrator = calibrator
    self.mode = mode
    self.target = target
  }

  /// Refits the coefficients; bases stay.
  ///
  /// - Throws: ``BasisSharingError``, `LanguageModelError`, `LinearAlgebraError` or `Interrupted`.
  public func apply(
    to compressed: inout CompressedModel, progress: ProgressReporter = .silent, isCancelled: () -> Bool = { false }
  ) throws {
    let blocks = blocks(compressed.plan)
    // The residual streams of all windows between two blocks, of the changed and of the original model.
    var changed = try (0..<calibrator.windows).map { try calibrator.embeddings(original, window: $0) }
    var reference = changed
    for (number, block) in blocks.enumerated() {
      if isCancelled() { throw Interrupted() }
      let groups = compressed.plan.groups.indices.filter {
        compressed.plan.groups[$0].layers.contains(where: block.contains)
      }
      let (grams, cross) = try collect(compressed, groups, block, changed, &reference)
      for index in groups {
        try refit(&compressed.factors[index], compressed.plan.groups[index], grams, cross)
      }
      progress.report(number + 1, of: blocks.count, "update of layers \(block.lowerBound)–\(block.upperBound - 1)")
      guard number + 1 < blocks.count else { break }
      let pass = try LayerPass(compressed.model(groups: groups), layers: block, window: calibrator.window)
      for index in changed.indices { changed[index] = try pass.advance(changed[index]) }
    }
  }

  /// The Grams of the changed inputs of some layers, and their products with the original ones where these are the target. The original
  /// streams move on behind the layers.
  private func collect(
    _ compressed: CompressedModel, _ groups: [Int], _ block: Range<Int>, _ changed: [Tensor],
    _ reference: inout [Tensor]
  ) throws -> (GramStore, CrossGrams) {
    let pass = try LayerPass(compressed.model(groups: groups), layers: block, window: calibrator.window)
    let originalPass = try LayerPass(original, layers: block, window: calibrator.window)
    var grams = GramStore()
    var cross = CrossGrams()
    for index in changed.indices {
      var inputs: [GramKey: Tensor] = [:]
      if target == .cross {
        reference[index] = try originalPass.observe(reference[index]) { key, x in inputs[key] = x }
      }
      try pass.observe(changed[index]) { key, x in
        try grams.accumulate(x, site: key.site, layer: key.layer)
        if let original = inputs[key] { cross.accumulate(key, changed: x, original: original) }
      }
    }
    return (grams, cross)
  }

  /// Stretches of layers that are refitted together: all, or as few at a time as no group reaches across.
  private func blocks(_ plan: SharingPlan) -> [Range<Int>] {
    let layers = original.config.layers
    switch mode {
    case .none: return []
    case .allAtOnce: return [0..<layers]
    case .sequential:
      let inner = Set(plan.groups.flatMap { group in (group.layers[0]..<group.layers[group.layers.count - 1]) })
      let ends = (0..<layers).filter { !inner.contains($0) }.map { $0 + 1 }
      return zip([0] + ends, ends).map { $0..<$1 }
    }
  }

  private func refit(
    _ factors: inout SharedFactors, _ group: SharingGroup, _ grams: GramStore, _ cross: CrossGrams
  ) throws {
    let site = group.site.input
    for (position, layer) in group.layers.enumerated() {
      let weight = DoubleMatrix(original.linear(LinearAddress(layer: layer, site: group.site)).weight.transposed)
      let gram = try grams.gram(site, layers: target == .group ? group.layers : [layer])
      let left = cross[GramKey(site, layer: layer)] ?? gram
      factors.coefficients[position] = try CoefficientRefit.coefficients(
        basis: factors.basis, gram: gram, target: DoubleProduct.multiply(left, weight))
    }
  }
}
