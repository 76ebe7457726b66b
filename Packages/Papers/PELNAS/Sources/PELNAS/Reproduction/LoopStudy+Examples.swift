import ReproductionKit

extension LoopStudy {
  /// One worked example per device: the fastest cell of the found front within a point of its best, and a rule that led there.
  static func examples(_ trials: [Trial]) -> Table {
    var table = Table(
      title: "One worked example per device",
      caption:
        "First seed. The fastest cell of the found front within one point of the front's best trained accuracy, and the strongest "
        + "confirmed rule of its niche that it follows.",
      columns: [
        .text("device"), .text("cell"), .text("network"), .number("latency", unit: "ms", decimals: 2),
        .number("accuracy", unit: "%", decimals: 2), .text("niche"), .text("rule"),
      ])
    for device in Device.main {
      guard let trial = trials.first(where: { $0.task.deviceName == device.id }), let found = example(trial.report)
      else { continue }
      let niche = Partition.conv3x3.niche(of: found.cell)
      let rule = trial.report.rules[niche].filter { $0.status == .active && $0.isFollowed(by: found.cell) }
        .max { $0.strength < $1.strength }
      table.append([
        .text(device.name), .text(found.cell.word),
        .text(CellDrawing.text(found.cell).split(separator: "\n").joined(separator: "; ")), .number(found.cost),
        .number(found.accuracy), .text(trial.report.niches[niche]), .text(rule?.text ?? "none confirmed"),
      ])
    }
    return table
  }

  private static func example(_ report: SearchReport) -> ScoredCell? {
    guard let best = report.rescored.map(\.accuracy).max() else { return nil }
    return report.rescored.filter { $0.accuracy >= best - 1 }.min { $0.cost < $1.cost }
  }
}

extension Rule {
  /// Whether a cell does what the rule says.
  fileprivate func isFollowed(by cell: Cell) -> Bool { holds(for: cell) == (polarity == .prefer) }
}
