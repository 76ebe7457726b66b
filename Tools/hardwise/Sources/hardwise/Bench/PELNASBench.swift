import Foundation
import PELNAS
import ReproductionKit
import TinyTensor

/// The hot loops of PELNAS: reading tables, boosted trees, evolution, fronts, synflow.
///
/// The peer is `Tools/peers/pelnas_worker.py`: pandas, XGBoost and pymoo where they are installed.
enum PELNASBench {
  /// - Throws: `DataCatalogError` where the tables are not on this machine: the peers read the same files.
  static func items() throws -> [BenchItem] {
    let folder = try DataCatalog().resolve("pelnas").url
    let benchmark = try Benchmark.load(folder)
    let task = try SearchTask(benchmark, .cifar10, on: .named("edgegpu"))
    let features = try PredictorFeatures(benchmark, .cifar10)
    return [
      load(folder), fit(task, features, folder), predict(task, features, folder), evolution(task, folder),
      front(task, folder), contest(benchmark), synflow(), try proxies([.nwot], passes: 1),
      try proxies([.gradNorm, .snip, .plain, .fisher], passes: 3),
    ]
  }

  private static func request(_ work: String, _ folder: URL, threads: Int = 1) -> PeerRequest {
    var request = PeerRequest(work: work, threads: threads)
    request.file = folder.path
    return request
  }

  private static func load(_ folder: URL) -> BenchItem {
    let names = ["architectures.csv", "hw_cifar10.csv", "zc_cifar10.csv"]
    let bytes = names.reduce(0) { sum, name in
      let attributes = try? FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
      return sum + (attributes?[.size] as? Int ?? 0)
    }
    return BenchItem(
      name: "read 3 CSV tables", threads: Threads.count, work: Double(bytes), limit: .memory, bytes: Double(bytes),
      request: request("tables", folder, threads: Threads.count)
    ) { { _ = try Benchmark.tables(in: folder, named: names) } }
  }

  private static func fit(_ task: SearchTask, _ features: PredictorFeatures, _ folder: URL) -> BenchItem {
    BenchItem(
      name: "fit 200 trees to 100 labels", threads: 1, work: 0, limit: .arithmetic,
      request: request("trees-fit", folder)
    ) {
      let (rows, labels) = training(task, features)
      return { _ = try BoostedTrees.fit(rows, labels, .init()) }
    }
  }

  private static func predict(_ task: SearchTask, _ features: PredictorFeatures, _ folder: URL) -> BenchItem {
    // 31 comparisons and as many selections per tree and cell.
    BenchItem(
      name: "predict 15 625 cells with 200 trees", threads: 1, work: 62 * 200 * Double(Cell.spaceSize),
      limit: .arithmetic, images: Cell.spaceSize, request: request("trees-predict", folder)
    ) {
      let (rows, labels) = training(task, features)
      let trees = try BoostedTrees.fit(rows, labels, .init())
      return { _ = trees.predict(features.matrix) }
    }
  }

  private static func training(_ task: SearchTask, _ features: PredictorFeatures) -> (FeatureMatrix, [Float]) {
    let cells = AccuracyPredictor.randomLabels(task, count: 100, seed: 1)
    return (features.matrix.selecting(cells.map(\.code)), cells.map { Float(task.accuracies[$0.code]) })
  }

  private static func evolution(_ task: SearchTask, _ folder: URL) -> BenchItem {
    BenchItem(
      name: "NSGA-II, 300 evaluations", threads: 1, work: 0, limit: .arithmetic, request: request("nsga2", folder)
    ) {
      let truth = SearchEstimates.truth(task)
      return { _ = NSGA2().run(task, truth, budget: 300, seed: 1) }
    }
  }

  private static func front(_ task: SearchTask, _ folder: URL) -> BenchItem {
    BenchItem(
      name: "front of \(task.usable.count) points", threads: 1, work: 16 * Double(task.usable.count), limit: .memory,
      request: request("front", folder)
    ) {
      let costs = task.usable.map { task.costs[$0.code] }
      let gains = task.usable.map { task.accuracies[$0.code] }
      return { _ = TradeOff.front(cost: costs, gain: gains) }
    }
  }

  /// 18 tasks × 5 methods × 20 seeds × 3 budgets, with all indicators.
  private static func contest(_ benchmark: Benchmark) -> BenchItem {
    BenchItem(
      name: "18 tasks × 5 methods × 20 seeds × 3 budgets", threads: Threads.count, work: 0, limit: .arithmetic
    ) {
      let tasks = try DataSet.allCases.flatMap { dataSet in
        try Device.main.map { try SearchTask(benchmark, dataSet, on: $0) }
      }
      let methods: [any SearchMethod] = [
        RandomSearch(), PartitionedRandomSearch(.conv3x3), NSGA2(), PartitionedEvolution(.conv3x3), ParetoLocalSearch(),
      ]
      return {
        parallelFor(tasks.count * 20) { index in
          let task = tasks[index / 20]
          for method in methods {
            for budget in [120, 300, 600] {
              _ = task.quality(of: method.run(task, .truth(task), budget: budget, seed: UInt64(index % 20)))
            }
          }
        }
      }
    }
  }

  private static func synflow() -> BenchItem {
    BenchItem(name: "synflow of 20 cells", threads: Threads.count, work: 0, limit: .arithmetic, images: 20) {
      let scorer = try ZeroCost(gaussian: 2, seed: 1)
      let cells = LatencyMeter.sample(20, seed: 1)
      return { _ = try scorer.compute(cells, proxies: [.synflow]) }
    }
  }

  /// Proxies of one cell on 64 images.
  ///
  /// - Parameter passes: forward passes that they cost; a backward pass counts twice.
  private static func proxies(_ proxies: Set<Proxy>, passes: Int) throws -> BenchItem {
    let cell = try Cell(word: "333132")
    let batch = 64
    let names = Proxy.allCases.filter(proxies.contains).map(\.rawValue).joined(separator: ", ")
    return BenchItem(
      name: "\(names), batch \(batch)", threads: Threads.count,
      work: 2 * Double(passes * batch * CellCounts(cell).benchmarkFLOPs), limit: .arithmetic, images: batch
    ) {
      let scorer = try ZeroCost(gaussian: batch, seed: 1)
      return { _ = try scorer.compute(cell, proxies: proxies) }
    }
  }
}
