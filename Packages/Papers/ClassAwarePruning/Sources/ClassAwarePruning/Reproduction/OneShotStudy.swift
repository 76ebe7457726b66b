import ReproductionKit
import VisionModels

/// Claim Q5: how well the criteria order filters, without any retraining.
struct OneShotStudy {
  let context: RunContext
  let subject: Subject
  let workload: Workload

  /// One criterion.
  struct Curve: Codable {
    var criterion: String
    /// Accuracy on every fifth test image, percent, per removed fraction.
    var accuracies: [Double]
    /// Sample standard deviation over the seeds, for criteria that have one.
    var spreads: [Double]?
    /// Parameters that are left.
    var parameters: [Int]
  }

  /// Seeds of the random criterion.
  private static let randomSeeds: [UInt64] = [0, 1, 2]

  func curves(progress: ProgressReporter) throws -> [Curve] {
    var curves: [Curve] = []
    for (index, name) in workload.oneShotCriteria.enumerated() {
      progress.report(index, of: workload.oneShotCriteria.count, name)
      curves.append(try context.step("one-shot-\(name)") { try curve(name) })
    }
    return curves
  }

  private func curve(_ name: String) throws -> Curve {
    let seeds = name == "random" ? Self.randomSeeds : [0]
    let set = try ScoringSet(subject.original, normalization: subject.normalization, options: ScoreOptions())
    let units = try ChannelUnits(subject.network)
    var accuracies: [[Double]] = []
    var parameters: [Int] = []
    for seed in seeds {
      let criterion = try Criteria.named(name)
      let scores = try criterion.scores(
        subject.network, context: ScoringContext(set: set, seed: context.seed &+ seed))
      var row: [Double] = []
      parameters = []
      for fraction in workload.oneShotFractions {
        try context.checkCancellation()
        let point = try evaluate(fraction, scores, units)
        row.append(point.accuracy)
        parameters.append(point.parameters)
      }
      accuracies.append(row)
    }
    let columns = workload.oneShotFractions.indices.map { column in accuracies.map { $0[column] } }
    return Curve(
      criterion: name, accuracies: columns.map(Statistics.mean),
      spreads: seeds.count > 1 ? columns.map(Statistics.standardDeviation) : nil, parameters: parameters)
  }

  /// Seeds of other draws of the scoring images.
  private static let drawSeeds: [UInt64] = [1, 2, 3, 4]

  /// How far the comparison with Taylor hangs on the images that happen to be first: class minus Taylor at 30 %, in points,
  /// for other draws of ten images per class.
  func draws() throws -> [Double] {
    guard subject.isReference else { return [] }
    return try context.step("one-shot-draws") {
      let units = try ChannelUnits(subject.network)
      return try Self.drawSeeds.map { seed in
        try context.checkCancellation()
        let set = try ScoringSet(
          subject.train, normalization: subject.normalization, options: ScoreOptions(selection: .random(seed: seed)))
        func accuracy(_ name: String) throws -> Double {
          let scores = try Criteria.named(name).scores(subject.network, context: ScoringContext(set: set))
          return try evaluate(0.3, scores, units).accuracy
        }
        return try accuracy("class") - accuracy("taylor")
      }
    }
  }

  /// Accuracy in percent, on every fifth test image, with a fraction of the filters removed.
  private func evaluate(
    _ fraction: Double, _ scores: [String: [Float]], _ units: ChannelUnits
  ) throws -> (accuracy: Double, parameters: Int) {
    let images = subject.test.subset(Array(stride(from: 0, to: subject.test.count, by: 5)))
    let plan = try RemovalRule(strategy: .percentage(fraction)).plan(subject.network, scores: scores, units: units)
    let pruned = try subject.network.pruned(by: plan, units: units)
    let evaluation = try InferenceEngine(pruned).evaluate(images, normalization: subject.normalization)
    return (evaluation.accuracy * 100, plan.after.parameters)
  }

  /// Q5.
  func claim(_ curves: [Curve], draws: [Double]) -> Claim {
    let statement =
      "class count carries information: one shot at 20 %, class beats random and L1 by 10 points; at 30 %, class ≥ Taylor"
    let paper = "+18.7, +53.8, +13.0 points (specification)"
    guard subject.isReference else {
      return .notTested(id: "Q5", statement: statement, paperValue: paper, reason: subject.reason)
    }
    func accuracy(_ name: String, _ fraction: Double) -> Double {
      guard let column = workload.oneShotFractions.firstIndex(of: fraction) else { return .nan }
      return curves.first { $0.criterion == name }?.accuracies[column] ?? .nan
    }
    return Claim(
      id: "Q5", statement: statement, paperValue: paper,
      measured: [
        MeasuredValue(
          accuracy("class", 0.2) - accuracy("random", 0.2), unit: "points", label: "over random", decimals: 2),
        MeasuredValue(accuracy("class", 0.2) - accuracy("l1", 0.2), unit: "points", label: "over L1", decimals: 2),
        MeasuredValue(
          accuracy("class", 0.3) - accuracy("taylor", 0.3), unit: "points", label: "over Taylor", decimals: 2),
      ], criterion: .each([.atLeast(10), .atLeast(10), .atLeast(0)]),
      note: "scored on the first ten images of each class; over Taylor with \(draws.count) other draws: "
        + MeasuredValue(samples: draws, unit: "points", decimals: 1).text)
  }

  func table(_ curves: [Curve]) -> Table {
    var table = Table(
      title: "One shot, no retraining: accuracy on every fifth test image",
      caption: "\(subject.title); fraction of the prunable filters removed globally, lowest score first.",
      columns: [.text("criterion")]
        + workload.oneShotFractions.map { .number("\(Int(($0 * 100).rounded())) %", unit: "%", decimals: 2) })
    for curve in curves {
      table.append(
        [.text(curve.criterion)]
          + curve.accuracies.indices.map { column in
            .measured(
              MeasuredValue(
                curve.accuracies[column], spread: curve.spreads?[column],
                samples: curve.spreads == nil ? nil : Self.randomSeeds.count, decimals: 2))
          })
    }
    return table
  }

  func chart(_ curves: [Curve]) -> Chart {
    .line(
      XYChart(
        name: "one-shot", title: "One-shot pruning without retraining",
        caption: "\(subject.title), every fifth test image.",
        x: ChartAxis("Filters removed", unit: "%"), y: ChartAxis("Top-1", unit: "%"),
        series: curves.map { curve in
          ChartSeries(
            curve.criterion, x: workload.oneShotFractions.map { $0 * 100 }, y: curve.accuracies, yError: curve.spreads)
        }))
  }
}
