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

  /// How the choices change: share of each operation on each edge among the cells of a generation.
  public static func operations(_ report: SearchReport) -> Chart {
    let generations = generations(report)
    var rows: [String] = []
    var shares: [[Double]] = []
    for (edge, ends) in Cell.edges.enumerated() {
      for operation in CellOperation.allCases {
        rows.append("\(ends.source)→\(ends.target) \(operation.shortName)")
        shares.append(
          generations.map { generation in
            let cells = report.evaluated.filter { $0.generation == generation }
            return Double(cells.count { $0.cell[edge] == operation }) / Double(max(1, cells.count))
          })
      }
    }
    return .heatMap(
      HeatMapChart(
        name: "operations", title: "Operations of the proposed cells, edge by edge", rows: rows,
        columns: generations.map(String.init), rowLabel: "edge", columnLabel: "generation", values: shares,
        value: ChartAxis("share", lower: 0), showsValues: false))
  }

  /// The quality of the front, re-scored with the trained accuracy, as cells are evaluated.
  public static func anytime(_ report: SearchReport, _ task: SearchTask) -> Chart {
    let counts = Array(stride(from: 10, to: report.evaluations, by: 10)) + [report.evaluations]
    return .line(
      XYChart(
        name: "anytime", title: "The front while the search runs, \(task.name)",
        caption: "Front by estimate among the first cells, re-scored with the trained accuracy.",
        x: ChartAxis("Evaluated cells"), y: ChartAxis("hvFront"),
        series: [
          ChartSeries(
            report.proposer.kind, x: counts.map(Double.init),
            y: counts.map { count in
              task.hvFront(of: report.evaluated.prefix(count).map(\.scored).front().map(\.cell))
            }, connection: .inOrder)
        ]))
  }

  /// What the evidence said of the rules after each generation: every rule is tested again on the cells known by then.
  public static func rules(_ report: SearchReport) -> Chart {
    let statuses: [Rule.Status] = [.active, .weak, .refuted]
    let generations = generations(report).dropFirst()
    var counts = [[Double]](repeating: [], count: statuses.count)
    for generation in generations {
      var found: [Rule.Status: Int] = [:]
      for (niche, rules) in report.rules.enumerated() {
        let known = report.evaluated.filter { $0.niche == niche && $0.generation < generation }.map(\.scored)
        for var rule in rules where rule.born <= generation {
          rule.test(on: known, seed: report.configuration.seed)
          found[rule.status, default: 0] += 1
        }
      }
      for (index, status) in statuses.enumerated() { counts[index].append(Double(found[status] ?? 0)) }
    }
    return .line(
      XYChart(
        name: "rules", title: "Rules and their evidence over generations",
        caption: "active: confirmed with p < 0.1; refuted: the opposite is confirmed.", x: ChartAxis("Generation"),
        y: ChartAxis("Rules", lower: 0),
        series: zip(statuses, counts).map { status, values in
          ChartSeries(status.rawValue, x: generations.map(Double.init), y: values, connection: .inOrder)
        }))
  }

  /// All pictures of a search.
  public static func all(_ report: SearchReport, _ task: SearchTask) -> [Chart] {
    [front(report, task), anytime(report, task), coverage(report, task), operations(report), rules(report)]
  }

  private static func generations(_ report: SearchReport) -> [Int] {
    Array(0...(report.evaluated.map(\.generation).max() ?? 0))
  }
}
