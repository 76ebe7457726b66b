import ReproductionKit

/// Pictures of one search.
public enum SearchCharts {
  /// The found front over the true one.
  public static func front(_ report: SearchReport, _ task: SearchTask) -> Chart {
    .scatter(
      XYChart(
        name: "front", title: "Found and true front, \(task.name)",
        caption: "Proposer: \(report.proposer.text); \(report.evaluations) cells, re-scored with the trained accuracy.",
        x: ChartAxis("Cost", unit: task.costUnit), y: ChartAxis("Test accuracy", unit: "%"),
        series: [
          ChartSeries(
            "true front", x: task.front.map(\.cost), y: task.front.map(\.accuracy), connection: .inOrder),
          ChartSeries("found", x: report.rescored.map(\.cost), y: report.rescored.map(\.accuracy)),
        ]))
  }

  /// Where the search looked: niches against deciles of the cost.
  public static func coverage(_ report: SearchReport, _ task: SearchTask) -> Chart {
    let sorted = task.usable.map { task.costs[$0.code] }.sorted()
    let bounds = (1..<10).map { sorted[$0 * sorted.count / 10] }
    var counts = [[Double]](repeating: [Double](repeating: 0, count: 10), count: report.niches.count)
    for cell in report.evaluated { counts[cell.niche][bounds.count { $0 <= cell.cost }] += 1 }
    return .heatMap(
      HeatMapChart(
        name: "coverage", title: "Where the search looked, \(task.name)", rows: report.niches,
        columns: (1...10).map(String.init), rowLabel: "niche", columnLabel: "decile of the cost", values: counts,
        value: ChartAxis("cells", lower: 0)))
  }

  /// How the archive's operations change: share of each operation on the edges of the cells of a generation.
  public static func operations(_ report: SearchReport) -> Chart {
    let generations = 0...(report.evaluated.map(\.generation).max() ?? 0)
    return .line(
      XYChart(
        name: "operations", title: "Operations of the proposed cells over generations",
        x: ChartAxis("Generation"), y: ChartAxis("Share of edges", lower: 0),
        series: CellOperation.allCases.map { operation in
          ChartSeries(
            operation.shortName, x: generations.map(Double.init),
            y: generations.map { generation in
              let cells = report.evaluated.filter { $0.generation == generation }
              return Double(cells.reduce(0) { $0 + $1.cell.count(operation) })
                / Double(max(1, Cell.edgeCount * cells.count))
            }, connection: .inOrder)
        }))
  }
}
