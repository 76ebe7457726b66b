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
      let inputs = try collect(compressed, groups, block, changed, &reference, original: target == .cross)
      try refit(&compressed, groups, inputs, target)
      progress.report(number + 1, of: blocks.count, "update of layers \(block.lowerBound)–\(block.upperBound - 1)")
      guard number + 1 < blocks.count else { break }
      let pass = try LayerPass(compressed.model(groups: groups), layers: block, window: calibrator.window)
      for index in changed.indices { changed[index] = try pass.advance(changed[index]) }
    }
  }

  /// The updates of a model to several targets. All at once, all of them see the same inputs, which are collected a single time.
  ///
  /// - Returns: The updated models in the order of the targets.
  /// - Throws: ``BasisSharingError``, `LanguageModelError`, `LinearAlgebraError` or `Interrupted`.
  public func updated(
    _ compressed: CompressedModel, to targets: [UpdateTarget], isCancelled: () -> Bool = { false }
  ) throws -> [CompressedModel] {
    guard mode == .allAtOnce else {
      return try targets.map { target in
        var result = compressed
        try CoefficientUpdate(original: original, calibrator: calibrator, mode: mode, target: target)
          .apply(to: &result, isCancelled: isCancelled)
        return result
      }
    }
    if isCancelled() { throw Interrupted() }
    let groups = Array(compressed.plan.groups.indices)
    let embeddings = try (0..<calibrator.windows).map { try calibrator.embeddings(original, window: $0) }
    var reference = embeddings
    let inputs = try collect(
      compressed, groups, 0..<original.config.layers, embeddings, &reference, original: targets.contains(.cross))
    return try targets.map { target in
      if isCancelled() { throw Interrupted() }
      var result = compressed
      try refit(&result, groups, inputs, target)
      return result
    }
  }

  /// What the layers of a changed model read, and that against what the original's read, where that was asked for.
  private struct Inputs {
    var grams = GramStore()
    var cross = CrossGrams()
  }

  /// The inputs of some layers, for residual streams before the first of them. The original streams, if they are asked for, move on behind
  /// the layers.
  private func collect(
    _ compressed: CompressedModel, _ groups: [Int], _ block: Range<Int>, _ changed: [Tensor],
    _ reference: inout [Tensor], original needsOriginal: Bool
  ) throws -> Inputs {
    let pass = try LayerPass(compressed.model(groups: groups), layers: block, window: calibrator.window)
    let originalPass = try LayerPass(original, layers: block, window: calibrator.window)
    var inputs = Inputs()
    for index in changed.indices {
      var originals: [GramKey: Tensor] = [:]
      if needsOriginal {
        reference[index] = try originalPass.observe(reference[index]) { key, x in originals[key] = x }
      }
      try pass.observe(changed[index]) { key, x in
        try inputs.grams.accumulate(x, site: key.site, layer: key.layer)
        if let original = originals[key] { inputs.cross.accumulate(key, changed: x, original: original) }
      }
    }
    return inputs
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
    _ compressed: inout CompressedModel, _ groups: [Int], _ inputs: Inputs, _ target: UpdateTarget
  ) throws {
    let (plan, factors) = (compressed.plan, compressed.factors)
    let refitted = try parallelMap(groups) { index in
      try coefficients(factors[index].basis, plan.groups[index], inputs, target)
    }
    for (index, coefficients) in zip(groups, refitted) { compressed.factors[index].coefficients = coefficients }
  }

  private func coefficients(
    _ basis: Tensor, _ group: SharingGroup, _ inputs: Inputs, _ target: UpdateTarget
  ) throws -> [Tensor] {
    let site = group.site.input
    return try group.layers.map { layer in
      let weight = DoubleMatrix(original.linear(LinearAddress(layer: layer, site: group.site)).weight.transposed)
      let gram = try inputs.grams.gram(site, layers: target == .group ? group.layers : [layer])
      let left = target == .cross ? inputs.cross[GramKey(site, layer: layer)] ?? gram : gram
      return try CoefficientRefit.coefficients(
        basis: basis, gram: gram, target: DoubleProduct.multiply(left, weight))
    }
  }
}
