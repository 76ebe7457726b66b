import ReproductionKit

/// G1: draws many cells over all niches and temperatures and looks for one outside its niche.
struct GrammarStudy {
  let workload: Workload
  let context: RunContext

  /// Cells that are decoded as one batch.
  private static let batch = 50
  private static let temperatures = [0.5, 1, 2]

  func run(_ source: ModelSource, _ prompts: Prompts, _ progress: ProgressReporter) throws -> StudyResult {
    let statement = "the grammar holds: cells of the constrained local model that are invalid or outside their niche"
    guard case .live(let model) = source else {
      return StudyResult(
        claims: [
          .notTested(
            id: "G1", statement: statement, criterion: .exactly(0),
            reason: "\(source.missing ?? "no model"); the package's tests draw 10 000 cells of a stub")
        ])
    }
    let proposers = try Self.temperatures.map { temperature in
      var options = ConstrainedProposer.Options()
      options.temperature = temperature
      return try ConstrainedProposer(
        model, partition: .conv3x3, prompts: prompts,
        task: PromptTask(device: "edgegpu", dataSet: "cifar10", isDetailed: false), options: options)
    }
    let niches = Partition.conv3x3.nicheCount
    var drawn = 0
    var outside = 0
    while drawn < workload.grammarSamples {
      try context.checkCancellation()
      let call = drawn / Self.batch
      let niche = call % niches
      let cells = try proposers[call / niches % proposers.count].propose(
        to: prompts.baselineLatency, niche: niche, count: min(Self.batch, workload.grammarSamples - drawn),
        seed: context.seed &+ UInt64(drawn)
      ).cells
      drawn += cells.count
      outside += cells.count { Partition.conv3x3.niche(of: $0) != niche }
      progress.report(drawn, of: workload.grammarSamples, "cells")
    }
    return StudyResult(
      claims: [
        Claim(
          id: "G1", statement: statement,
          measured: MeasuredValue(Double(outside), unit: "of \(drawn)", decimals: 0), criterion: .exactly(0),
          note: "model: \(model.name), temperatures 0.5, 1 and 2")
      ])
  }
}
