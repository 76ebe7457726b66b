import ReproductionKit
import VisionModels

/// The tables of the report.
enum Tables {
  /// Every run, round by round.
  static func rounds(_ runs: [(name: String, run: IterativeRun)]) -> Table {
    var table = Table(
      title: "Iterative pruning: test accuracy after every round",
      caption: "Decisions look at the validation split only. Round 0 is the start, “end” follows the final training.",
      columns: [
        .text("run"), .text("round"), .number("removed"), .number("parameters"),
        .number("MACs", unit: "M", decimals: 2),
        .number("top-1", unit: "%", decimals: 2), .number("before retraining (validation)", unit: "%", decimals: 2),
        .number("mean score", decimals: 3),
      ])
    for (name, run) in runs {
      for point in run.points {
        let round = run.report.rounds.first { $0.index == point.round }
        let label = point.round < 0 ? "0" : round == nil ? "end" : "\(point.round + 1)"
        table.append([
          .text(name), .text(label), round.map { .integer($0.removed) } ?? .missing, .integer(point.parameters),
          .number(Double(point.macs) * 1e-6), .number(point.accuracy),
          round.map { .number($0.accuracyBeforeRetraining * 100) } ?? .missing,
          round.map { .number($0.meanScore) } ?? .missing,
        ])
      }
    }
    return table
  }

  /// What the modified cost did.
  static func preparation(_ preparation: IterativeStudy.Preparation) -> Table {
    var table = Table(
      title: "The modified cost", caption: "Cross-entropy on 1000 validation images; regularisers with their weights.",
      columns: [
        .text(""), .number("cross-entropy", decimals: 4), .number("λ1 Σ‖p‖₁", decimals: 4),
        .number("λ2 Σ orthogonality", decimals: 4), .number("filters below 0.3·N", unit: "%", decimals: 2),
      ])
    for (name, terms, share) in [
      ("before", preparation.termsBefore, preparation.shareBefore),
      ("after", preparation.termsAfter, preparation.shareAfter),
    ] {
      table.append([
        .text(name), .number(Double(terms.crossEntropy)), .number(Double(terms.l1)),
        .number(Double(terms.orthogonality)), .number(share * 100),
      ])
    }
    return table
  }

  /// Cycles and energy on systolic arrays.
  static func systolic(_ rows: [SpeedStudy.Systolic]) -> Table {
    var table = Table(
      title: "Systolic arrays, batch 1",
      columns: [
        .text("widths"), .number("array side"), .number("cycles"), .number("energy", unit: "µJ", decimals: 1),
      ])
    for row in rows {
      table.append([.text(row.name), .integer(row.size), .integer(row.cycles), .number(row.microjoules)])
    }
    return table
  }

  /// Accuracy per class of a run.
  static func classes(_ run: IterativeRun, names: [String]) -> Table {
    var table = Table(
      title: "Accuracy per class (test split): \(run.criterion)",
      columns: [
        .text("class"), .number("start", unit: "%", decimals: 1), .number("end", unit: "%", decimals: 1),
        .number("change", unit: "points", decimals: 1),
      ])
    for (index, name) in names.enumerated() {
      let (start, end) = (run.points[0].perClass[index], run.end.perClass[index])
      table.append([.text(name), .number(start), .number(end), .number(end - start)])
    }
    return table
  }
}
