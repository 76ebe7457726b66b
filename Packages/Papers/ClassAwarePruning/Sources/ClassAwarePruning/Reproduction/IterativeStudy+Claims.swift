import ReproductionKit
import VisionModels

extension IterativeStudy.Outcome {
  private static let needsFull = "needs the full scale (--scale full)"

  /// Q4: removing equals silencing, in every round of every run.
  func exactnessClaim() -> Claim {
    let rounds = (runs + repeated + ablations.map(\.run) + (deep.map { [$0] } ?? [])).flatMap(\.report.rounds)
    let statement = "physical = masked: logits of 256 images in every round; parameters and MACs as predicted"
    guard !rounds.isEmpty else {
      return .notTested(
        id: "Q4", statement: statement, criterion: .each([.atMost(1e-4), .exactly(0)]),
        reason: "no round removed anything")
    }
    let worst = rounds.map { Double($0.certificate.maximumDifference) }.max() ?? .nan
    let mismatches = rounds.count { $0.certificate.predicted != $0.certificate.counted }
    return Claim(
      id: "Q4",
      statement: statement,
      measured: [
        MeasuredValue(worst, label: "largest difference over \(rounds.count) rounds"),
        MeasuredValue(Double(mismatches), unit: "rounds", label: "with other counts", decimals: 0),
      ], criterion: .each([.atMost(1e-4), .exactly(0)]))
  }

  /// F1: accuracy is maintained.
  func accuracyClaim() -> Claim {
    let statement =
      "accuracy is maintained: ≥ 25 % fewer MACs and ≥ 30 % fewer parameters at ≤ 1.5 points below the unpruned network trained as long"
    guard let run = operating, let fineTuned else {
      return .notTested(
        id: "F1", statement: statement, criterion: .each([.atLeast(25), .atLeast(30), .atMost(1.5)]),
        reason: Self.needsFull)
    }
    return Claim(
      id: "F1", statement: statement,
      measured: [
        MeasuredValue(run.report.macsReduction * 100, unit: "%", label: "fewer MACs", decimals: 1),
        MeasuredValue(run.report.parameterReduction * 100, unit: "%", label: "fewer parameters", decimals: 1),
        MeasuredValue(fineTuned.accuracy - run.end.accuracy, unit: "points", label: "lost", decimals: 2),
      ], criterion: .each([.atLeast(25), .atLeast(30), .atMost(1.5)]),
      note: "test accuracy \(text(run.end.accuracy)) %, fine-tuned unpruned \(text(fineTuned.accuracy)) %; "
        + "\(run.report.rounds.count) rounds; \(operatingImages) training images each")
  }

  /// F2: outperforms previous criteria.
  func comparisonClaim() -> Claim {
    let statement = "outperforms previous criteria: at equal parameters, class ≥ random by 0.5 points"
    guard let own = classRun, let random = runs.first(where: { $0.criterion == "random" }) else {
      return .notTested(id: "F2", statement: statement, criterion: .atLeast(0.5), reason: Self.needsFull)
    }
    var notes: [String] = []
    for name in ["l1", "taylor", "random"] {
      guard let other = runs.first(where: { $0.criterion == name }) else { continue }
      let parameters = Fronts.difference(own, other) { Double($0.parameters) }
      let macs = Fronts.difference(own, other) { Double($0.macs) }
      notes.append("class − \(name): \(signed(parameters)) at equal parameters, \(signed(macs)) at equal MACs")
    }
    for run in repeated {
      if let first = runs.first(where: { $0.criterion == run.criterion }) {
        notes.append("\(run.criterion), 2 seeds: \(text(first.end.accuracy)) and \(text(run.end.accuracy)) %")
      }
    }
    return Claim(
      id: "F2", statement: statement,
      measured: MeasuredValue(
        Fronts.difference(own, random) { Double($0.parameters) }, unit: "points", label: "class − random", decimals: 2),
      criterion: .atLeast(0.5), note: notes.joined(separator: "; "))
  }

  /// F3: pruned beats from scratch.
  func scratchClaim() -> Claim {
    let statement = "the pruned network beats the same shape trained from scratch with the same budget"
    guard let run = classRun, let scratch else {
      return .notTested(id: "F3", statement: statement, criterion: .ordered(.ascending), reason: Self.needsFull)
    }
    return Claim(
      id: "F3", statement: statement,
      measured: [
        MeasuredValue(scratch.accuracy, unit: "%", label: "from scratch", decimals: 2),
        MeasuredValue(run.end.accuracy, unit: "%", label: "pruned", decimals: 2),
      ], criterion: .ordered(.ascending))
  }

  /// F4: the modified cost prepares pruning.
  func preparationClaim() -> Claim {
    let statement = "the modified cost prepares pruning: more filters score below 0.3·N after it than before"
    guard let preparation else {
      return .notTested(
        id: "F4", statement: statement, criterion: .ordered(.strictlyAscending), reason: Self.needsFull)
    }
    return Claim(
      id: "F4", statement: statement,
      measured: [
        MeasuredValue(preparation.shareBefore * 100, unit: "%", label: "before", decimals: 2),
        MeasuredValue(preparation.shareAfter * 100, unit: "%", label: "after", decimals: 2),
      ], criterion: .ordered(.strictlyAscending))
  }

  /// F5: scores polarise.
  func polarisationClaim() -> Claim {
    let statement = "the mean score of the remaining filters rises over the rounds"
    guard let rounds = classRun?.report.rounds, let first = rounds.first, let last = rounds.last, rounds.count > 1
    else { return .notTested(id: "F5", statement: statement, reason: "fewer than two rounds removed anything") }
    return Claim(
      id: "F5", statement: statement,
      measured: [
        MeasuredValue(first.meanScore, label: "first round", decimals: 3),
        MeasuredValue(last.meanScore, label: "last round", decimals: 3),
      ], criterion: .ordered(.strictlyAscending))
  }

  /// F8: the stop rule.
  func stopClaim(classes: Int) -> Claim {
    let threshold = 0.3 * Double(classes)
    let statement = "the threshold rule ends by itself, and every remaining prunable filter scores ≥ 0.3·N"
    guard let stop else { return .notTested(id: "F8", statement: statement, reason: "the run was not made") }
    return Claim(
      id: "F8", statement: statement,
      measured: [
        MeasuredValue(truth: stop.stop == .nothingLeft, label: "ends by itself"),
        MeasuredValue(stop.lowestRemaining, label: "lowest remaining score", decimals: 2),
      ], criterion: .each([.isTrue, .atLeast(threshold)]),
      note: "\(stop.removed) filters in \(stop.rounds) rounds; \(stop.stop)")
  }

  private func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
  private func signed(_ value: Double) -> String { (value >= 0 ? "+" : "−") + text(abs(value)) }
}

/// Comparison of accuracy fronts.
enum Fronts {
  /// Accuracy of `a` minus accuracy of `b` at the smallest size that both fronts reach, by linear interpolation.
  static func difference(_ a: IterativeRun, _ b: IterativeRun, size: (IterativeRun.Point) -> Double) -> Double {
    let smallest = [a, b].map { $0.front.map(size).min() ?? .nan }.max() ?? .nan
    guard let first = accuracy(a, at: smallest, size: size), let second = accuracy(b, at: smallest, size: size) else {
      return .nan
    }
    return first - second
  }

  private static func accuracy(
    _ run: IterativeRun, at position: Double, size: (IterativeRun.Point) -> Double
  ) -> Double? {
    let points = run.front.sorted { size($0) < size($1) }
    return Statistics.interpolate(x: points.map(size), y: points.map(\.accuracy), at: position)
  }
}
