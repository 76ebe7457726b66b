import ReproductionKit

/// How much work a scale does (specification 6).
struct Workload: Sendable {
  /// Seeds of searches without a model on the six CIFAR-10 tasks.
  let seeds: Int
  /// Seeds of the ablation.
  let ablationSeeds: Int
  /// Seeds and data sets of the contest at equal budget and of active search.
  let activeSeeds: Int
  let contestSeeds: Int
  let dataSets: [DataSet]
  /// Cells for the cheap proxies, and for those that need a batch.
  let proxyCells: Int
  let batchProxyCells: Int
  let batch: Int
  let proxies: [Proxy]
  /// Cells whose proxies are computed with a second seed.
  let repeatedCells: Int
  /// Generations, devices and seeds of the local model's loop.
  let localGenerations: Int
  let localDevices: [String]
  let localSeeds: Int
  /// Cells drawn from the constrained local model to look for an invalid one.
  let grammarSamples: Int
  /// Axis × K of the sensitivity study.
  let sensitivitySeeds: Int

  init(_ context: RunContext) throws {
    let isQuick = context.scale == .quick
    seeds = try context.option("seeds", default: isQuick ? 5 : 20)
    ablationSeeds = isQuick ? 3 : 10
    activeSeeds = isQuick ? 2 : 10
    contestSeeds = isQuick ? 5 : 20
    dataSets = isQuick ? [.cifar10] : DataSet.allCases
    proxyCells = isQuick ? 24 : 200
    batchProxyCells = isQuick ? 8 : 200
    batch = isQuick ? 16 : 64
    proxies = isQuick ? [.params, .flops, .l2Norm, .synflow] : Proxy.allCases
    repeatedCells = isQuick ? 0 : 40
    localGenerations = isQuick ? 2 : 10
    localDevices = isQuick ? ["edgegpu"] : ["edgegpu", "fpga", "pixel3"]
    localSeeds = isQuick ? 1 : 3
    grammarSamples = try context.option("grammar-samples", default: isQuick ? 300 : 10_000)
    sensitivitySeeds = isQuick ? 1 : 5
    try require(seeds > 0, "seeds", seeds, "at least 1")
  }

  /// Evaluations of one paper-sized search.
  static let evaluations = 360
  /// Labels of the predictor in the loop.
  static let loopLabels = 200
}
