import ReproductionKit

/// P1: how well a hundred labels order the space.
struct PredictorStudy {
  let subject: Subject
  let seed: UInt64

  private static let labelCounts = [25, 50, 100, 200, 400]
  private static let thresholds: [DataSet: Double] = [.cifar10: 0.93, .cifar100: 0.92, .imageNet16: 0.88]

  func run() throws -> StudyResult {
    var curves: [(DataSet, [[Double]])] = []
    for dataSet in DataSet.allCases {
      let task = try SearchTask(subject.benchmark, dataSet, on: .named("fpga"))
      let features = try PredictorFeatures(subject.benchmark, dataSet)
      let points = try Self.labelCounts.map { labels in
        try (0..<5 as Range<UInt64>).map { try correlation(task, features, labels: labels, seed: seed &+ $0) }
      }
      curves.append((dataSet, points))
    }
    let hundred = Self.labelCounts.firstIndex(of: 100) ?? 0
    var result = StudyResult()
    result.claims = [
      subject.claim(
        "P1", "the predictor works with few labels: Spearman on all other connected cells, n = 100, mean of 5 seeds",
        paper: "≈ 0.90",
        curves.map { MeasuredValue(samples: $0.1[hundred], label: $0.0.rawValue, decimals: 3) },
        .each(curves.map { .atLeast(Self.thresholds[$0.0] ?? 1) }),
        note: "CIFAR-100 uses CIFAR-10's proxies: its own are not published")
    ]
    var table = Table(
      title: "Predictor: Spearman against labels, mean of five seeds",
      columns: [.text("data set")] + Self.labelCounts.map { .number("n = \($0)", decimals: 3) })
    for (dataSet, points) in curves {
      table.append([.text(dataSet.rawValue)] + points.map { .number(Statistics.mean($0)) })
    }
    result.tables = [table]
    result.charts = [
      .line(
        XYChart(
          name: "predictor", title: "A few labels order the space", x: ChartAxis("Labels", scale: .logarithmic),
          y: ChartAxis("Spearman on the other cells"),
          series: curves.map { dataSet, points in
            ChartSeries(
              dataSet.rawValue, x: Self.labelCounts.map(Double.init), y: points.map(Statistics.mean),
              yError: points.map(Statistics.standardDeviation), connection: .inOrder)
          }, references: [.y(0.9, "paper ≈ 0.90")]))
    ]
    return result
  }

  private func correlation(
    _ task: SearchTask, _ features: PredictorFeatures, labels: Int, seed: UInt64
  ) throws -> Double {
    let predictor = try AccuracyPredictor.fit(features, task, labels: labels, seed: seed)
    let estimate = try predictor.estimate(features).mean
    let known = Set(AccuracyPredictor.randomLabels(task, count: labels, seed: seed))
    let others = task.usable.filter { !known.contains($0) }
    return Statistics.spearman(others.map { estimate[$0.code] }, others.map { task.accuracies[$0.code] })
  }
}
