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
    let blocks = blocks(compressed.plan, layers: original.config.layers)
    for (number, block) in blocks.enumerated() {
      if isCancelled() { throw Interrupted() }
      let layers = Set(block.flatMap { compressed.plan.groups[$0].layers }).sorted()
      let changed = try compressed.model()
      let grams = try calibrator.grams(changed, layers: layers)
      let cross = target == .cross ? try calibrator.crossGrams(changed, original: original, layers: layers) : [:]
      for index in block {
        let group = compressed.plan.groups[index]
        try refit(&compressed.factors[index], group, grams, cross)
      }
      progress.report(number + 1, of: blocks.count, "update of layers \(layers.first ?? 0)–\(layers.last ?? 0)")
    }
  }

  /// The groups that are refitted together: all, or as many layers at a time as the largest group has.
  private func blocks(_ plan: SharingPlan, layers: Int) -> [[Int]] {
    switch mode {
    case .none: return []
    case .allAtOnce: return [Array(plan.groups.indices)]
    case .sequential:
      let size = plan.groups.map(\.layers.count).max() ?? 1
      return stride(from: 0, to: layers, by: size).map { start in
        plan.groups.indices.filter { (start..<start + size).contains(plan.groups[$0].layers.last ?? -1) }
      }.filter { !$0.isEmpty }
    }
  }

  private func refit(
    _ factors: inout SharedFactors, _ group: SharingGroup, _ grams: GramStore, _ cross: [GramKey: DoubleMatrix]
  ) throws {
    let site = group.site.input
    for (position, layer) in group.layers.enumerated() {
      let weight = DoubleMatrix(
        original.linear(LinearAddress(layer: layer, site: group.site)).weight.transposed)
      let gram = try grams.gram(site, layers: target == .group ? group.layers : [layer])
      let left = cross[GramKey(site, layer: layer)] ?? gram
      factors.coefficients[position] = try CoefficientRefit.coefficients(
        basis: factors.basis, gram: gram, target: DoubleProduct.multiply(left, weight))
    }
  }
}

extension Calibrator {
  /// X′ᵀX per site and layer: inputs of a changed model against those of the original.
  func crossGrams(
    _ changed: LlamaModel, original: LlamaModel, layers: [Int]
  ) throws -> [GramKey: DoubleMatrix] {
    var sums: [GramKey: DoubleMatrix] = [:]
    for index in 0..<windows {
      var inputs: [GramKey: Tensor] = [:]
      try visit(original, layers: layers, windows: index..<index + 1) { _, found in
        for (key, x) in found { inputs[key] = x }
      }
      try visit(changed, layers: layers, windows: index..<index + 1) { _, found in
        for (key, x) in found {
          guard let reference = inputs[key] else { continue }
          let product = matmul(x, reference, transposeA: true)
          var sum = sums[key] ?? DoubleMatrix(zeros: product.shape[0], product.shape[1])
          sums[key] = nil
          product.withUnsafeBufferPointer { product in
            for entry in sum.values.indices { sum.values[entry] += Double(product[entry]) }
          }
          sums[key] = sum
        }
      }
    }
    return sums
  }
}
