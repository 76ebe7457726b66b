import ReproductionKit

/// X1: half the labels of NSGA-II, and the contest of all searchers at equal numbers of trained cells.
struct ActiveStudy {
  let subject: Subject
  let workload: Workload
  let context: RunContext

  private static let budgets = [75, 150, 225, 300]

  func run(_ progress: ProgressReporter) throws -> StudyResult {
    let tasks = try subject.tasks(workload.dataSets)
    progress.report(0, "contest at equal budget")
    let contest = try contest(tasks)
    progress.report(0.1, "active search")
    let active = try active(tasks, progress)
    let nsga = contest.first { $0.name == NSGA2().name }
    func gap(_ budget: Int, _ rival: Int) -> (ours: [Double], theirs: [Double]) {
      (active[budget] ?? [], nsga?.values[rival] ?? [])
    }
    let half = gap(150, 300)
    let whole = gap(300, 600)
    var result = StudyResult()
    result.claims = [
      subject.claim(
        "X1",
        "beyond the paper: active search needs half the trained cells of NSGA-II; mean hvFront over \(tasks.count) tasks, ours minus NSGA-II",
        [
          MeasuredValue(
            Statistics.mean(half.ours) - Statistics.mean(half.theirs), label: "150 against 300", decimals: 4),
          MeasuredValue(
            Statistics.mean(whole.ours) - Statistics.mean(whole.theirs), label: "300 against 600", decimals: 4),
        ], .atLeast(0),
        note:
          "ours \(text(half.ours)) and \(text(whole.ours)), NSGA-II \(text(half.theirs)) and \(text(whole.theirs)); "
          + "\(workload.activeSeeds) and \(workload.contestSeeds) seeds")
    ]
    result.tables = [table(contest, active)]
    result.charts = [chart(contest, active)]
    return result
  }

  private func text(_ values: [Double]) -> String { MeasuredValue(Statistics.mean(values), decimals: 4).text }

  private struct Entry: Sendable {
    let name: String
    var values: [Int: [Double]] = [:]
  }

  private func contest(_ tasks: [SearchTask]) throws -> [Entry] {
    let methods: [any SearchMethod] = [
      RandomSearch(), PartitionedRandomSearch(.conv3x3), NSGA2(), PartitionedEvolution(.conv3x3), AgingEvolution(),
      ParetoLocalSearch(),
    ]
    return try methods.map { method in
      var entry = Entry(name: method.name)
      for budget in [120, 150, 300, 600] {
        entry.values[budget] = try concurrentValues(tasks.count * workload.contestSeeds) { index in
          let task = tasks[index / workload.contestSeeds]
          let seed = context.seed &+ UInt64(index % workload.contestSeeds)
          return task.hvFront(of: method.run(task, .truth(task), budget: budget, seed: seed))
        }
      }
      return entry
    }
  }

  /// hvFront of active search by number of labels.
  private func active(_ tasks: [SearchTask], _ progress: ProgressReporter) throws -> [Int: [Double]] {
    var values: [Int: [Double]] = [:]
    for (index, task) in tasks.enumerated() {
      let features = try PredictorFeatures(subject.benchmark, task.dataSet, includesWord: true)
      for seed in 0..<workload.activeSeeds {
        try context.checkCancellation()
        progress.report(
          0.1 + 0.9 * Double(index * workload.activeSeeds + seed) / Double(tasks.count * workload.activeSeeds),
          "active search, \(task.name)")
        let labelled = try ActiveSurrogateSearch(features: features).run(
          task, budget: 300, seed: context.seed &+ UInt64(seed))
        for budget in Self.budgets {
          values[budget, default: []].append(task.hvFront(of: labelled.prefix(budget)))
        }
      }
    }
    return values
  }

  private func table(_ contest: [Entry], _ active: [Int: [Double]]) -> Table {
    let budgets = [120, 150, 300, 600]
    var table = Table(
      title: "Equal numbers of trained cells: mean hvFront",
      caption: "\(workload.dataSets.count * Device.main.count) tasks; every evaluated cell counts as trained.",
      columns: [.text("method")] + budgets.map { .number("\($0) cells", decimals: 3) })
    for entry in contest {
      table.append([.text(entry.name)] + budgets.map { .number(Statistics.mean(entry.values[$0] ?? [])) })
    }
    table.append(
      [.text("active search")] + budgets.map { budget in active[budget].map { .number(Statistics.mean($0)) } ?? nil })
    return table
  }

  private func chart(_ contest: [Entry], _ active: [Int: [Double]]) -> Chart {
    var series = contest.map { entry in
      let budgets = entry.values.keys.sorted()
      return ChartSeries(
        entry.name, x: budgets.map(Double.init), y: budgets.map { Statistics.mean(entry.values[$0] ?? []) },
        yError: budgets.map { Statistics.standardDeviation(entry.values[$0] ?? []) }, connection: .inOrder)
    }
    series.append(
      ChartSeries(
        "active search", x: Self.budgets.map(Double.init), y: Self.budgets.map { Statistics.mean(active[$0] ?? []) },
        yError: Self.budgets.map { Statistics.standardDeviation(active[$0] ?? []) }, connection: .inOrder))
    return .line(
      XYChart(
        name: "anytime", title: "Trained cells against the front", x: ChartAxis("Trained cells"),
        y: ChartAxis("Mean hvFront"), series: series))
  }
}
