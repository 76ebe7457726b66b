import ReproductionKit

/// The benchmark that the experiment works on.
struct Subject: Sendable {
  /// The tables, or their synthetic stand-in.
  let benchmark: Benchmark
  /// Why these are not the published tables; nil if they are.
  let reason: String?

  /// The tables of the catalog; without them synthetic ones, which say so.
  static func load(_ context: RunContext) throws -> Subject {
    guard context.option("data", default: "auto") != "synthetic", context.catalog.isAvailable("pelnas") else {
      context.record(
        DataSource(
          name: "synthetic cells", origin: .synthetic, license: "Apache-2.0", location: "generated",
          note: "made-up accuracies and costs in the shape of the benchmark"))
      return Subject(
        benchmark: .synthetic(seed: context.seed),
        reason: "the benchmark's tables are not in use: synthetic ones stand in")
    }
    return Subject(benchmark: try .load(context.catalog.resolve("pelnas").url, verifyHashes: true), reason: nil)
  }

  /// Every data set with every device.
  func tasks(_ dataSets: [DataSet] = DataSet.allCases) throws -> [SearchTask] {
    try dataSets.flatMap { dataSet in
      try Device.main.map { try SearchTask(benchmark, dataSet, on: $0) }
    }
  }

  /// A claim about the published tables; not tested on synthetic ones.
  func claim(
    _ id: String, _ statement: String, paper: String? = nil, _ measured: [MeasuredValue], _ criterion: Criterion,
    note: String? = nil
  ) -> Claim {
    if let reason {
      return .notTested(
        id: id, statement: statement, paperValue: paper, criterion: criterion, reason: reason,
        note: measured.map(\.labelledText).joined(separator: ", "))
    }
    return Claim(
      id: id, statement: statement, paperValue: paper, measured: measured, criterion: criterion, note: note)
  }
}
