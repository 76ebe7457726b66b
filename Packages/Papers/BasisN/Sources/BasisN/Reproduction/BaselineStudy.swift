import ImageDataset
import ReproductionKit
import VisionModels

/// What other representations keep at the stored bits of the main configuration, all after new batch-norm statistics and
/// without fine-tuning (section 5).
struct BaselineStudy {
  let context: RunContext
  let subject: Subject
  let workload: Workload

  /// One representation.
  struct Row: Codable, Sendable {
    var name: String
    var accuracy: Double
    var images: Int
  }

  /// Cells that change between tiles, as counted on the real weights.
  struct Rewriting: Codable, Sendable {
    var plain: CellRewriting
    var sorted: CellRewriting
  }

  func rows(_ model: BasisNModel) throws -> [Row] {
    try context.step("baselines") {
      let indexBits = max(1, Int.bitWidth - (model.basis.count - 1).leadingZeroBitCount)
      let bits = Dictionary(
        uniqueKeysWithValues: model.layers.map {
          ($0.shape.name, $0.atoms.count * (indexBits + model.configuration.bits) + 32 * $0.scales.count)
        })
      var plain = model.configuration
      plain.contest = 0
      var powers = plain
      powers.coefficients = .powerOfTwo
      var full = plain
      full.slicing = .full
      return [
        try row("global basis", BasisCode(encoding: subject.network, configuration: plain).network(subject.network)),
        try row("basis per layer", PerLayerBasis.network(subject.network, configuration: plain)),
        try row(
          "power-of-two coefficients",
          BasisCode(encoding: subject.network, configuration: powers).network(subject.network)),
        try row(
          "slices N, N, …, rest", BasisCode(encoding: subject.network, configuration: full).network(subject.network)),
        try row("low rank, equal bits", LowRank.network(subject.network, bits: bits)),
        try row(
          "product quantisation, equal bits",
          ProductQuantization.network(subject.network, bits: bits, seed: context.seed)),
      ]
    }
  }

  private func row(_ name: String, _ network: Network) throws -> Row {
    try context.checkCancellation()
    let images = subject.test.prefix(workload.baselineImages)
    let recalibration = BatchNormRecalibration(
      images: subject.train, normalization: subject.normalization, seed: context.seed)
    return Row(
      name: name,
      accuracy: try ErrorBudget.accuracy(recalibration.apply(to: network), images, subject.normalization),
      images: images.count)
  }

  func rewriting() throws -> Rewriting {
    try context.step("rewriting") {
      Rewriting(
        plain: try CellRewriting(subject.network, sorted: false),
        sorted: try CellRewriting(subject.network, sorted: true))
    }
  }
}
