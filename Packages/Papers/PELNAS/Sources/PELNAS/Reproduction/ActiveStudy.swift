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
    let contest = contest(tasks)
    let active = try Surrogate.allCases.enumerated().map { index, surrogate in
      try entry(
        surrogate, tasks,
        progress.phase("active search", from: 0.1 + 0.45 * Double(index), to: 0.55 + 0.45 * Double(index)))
    }
    var result = StudyResult()
    result.claims = [claim(active[0], contest.first { $0.name == NSGA2().name }, tasks: tasks.count)]
    result.tables = [table(contest + active)]
    result.charts = [chart(contest + active)]
    return result
  }

  private func claim(_ ours: Entry, _ rival: Entry?, tasks: Int) -> Claim {
    func values(_ entry: Entry?, _ budget: Int) -> [Double] { entry?.values[budget] ?? [] }
    func difference(_ budget: Int) -> MeasuredValue {
      MeasuredValue(
        Statistics.mean(values(ours, budget)) - Statistics.mean(values(rival, 2 * budget)),
        label: "\(budget) against \(2 * budget)", decimals: 4)
    }
    return subject.claim(
      "X1",
      "beyond the paper: active search needs half the trained cells of NSGA-II; mean hvFront over \(tasks) tasks, ours minus NSGA-II",
      [difference(150), difference(300)], .atLeast(0),
      note:
        "\(ours.name): \(text(values(ours, 150))) and \(text(values(ours, 300))), NSGA-II \(text(values(rival, 300))) and "
        + "\(text(values(rival, 600))); \(workload.activeSeeds) and \(workload.contestSeeds) seeds")
  }

  private func text(_ values: [Double]) -> String { MeasuredValue(Statistics.mean(values), decimals: 4).text }

  private struct Entry: Sendable {
    var name: String
    var values: [Int: [Double]] = [:]
  }

  private func contest(_ tasks: [SearchTask]) -> [Entry] {
    let methods: [any SearchMethod] = [
      RandomSearch(), PartitionedRandomSearch(.conv3x3), NSGA2(), PartitionedEvolution(.conv3x3), AgingEvolution(),
      ParetoLocalSearch(),
    ]
    return methods.map { method in
      var entry = Entry(name: method.name)
      for budget in [120, 150, 300, 600] {
        entry.values[budget] = concurrentValues(tasks.count * workload.contestSeeds) { index in
          let task = tasks[index / workload.contestSeeds]
          let seed = context.seed &+ UInt64(index % workload.contestSeeds)
          return task.hvFront(of: method.run(task, .truth(task), budget: budget, seed: seed))
        }
      }
      return entry
    }
  }

  /// Surrogates of active search, the package's choice first.
  private enum Surrogate: CaseIterable {
    case process, trees

    func make(_ benchmark: Benchmark, _ dataSet: DataSet) throws -> any AccuracySurrogate {
      switch self {
      case .process: try ProcessSurrogate(benchmark, dataSet)
      case .trees: TreeSurrogate(try PredictorFeatures(benchmark, dataSet, includesWord: true))
      }
    }
  }

  /// hvFront of active search by number of labels.
  private func entry(_ surrogate: Surrogate, _ tasks: [SearchTask], _ progress: ProgressReporter) throws -> Entry {
    let seeds = workload.activeSeeds
    var found = Entry(name: "")
    for dataSet in workload.dataSets {
      let search = ActiveSurrogateSearch(try surrogate.make(subject.benchmark, dataSet))
      let own = tasks.filter { $0.dataSet == dataSet }
      progress.report(0, "\(search.name), \(dataSet.rawValue)")
      let curves = try concurrentValues(own.count * seeds) { index in
        try context.checkCancellation()
        let task = own[index / seeds]
        let labelled = try search.run(
          task, budget: Self.budgets[Self.budgets.count - 1], seed: context.seed &+ UInt64(index % seeds))
        return Self.budgets.map { task.hvFront(of: labelled.prefix($0)) }
      }
      found.name = search.name
      for curve in curves {
        for (budget, value) in zip(Self.budgets, curve) { found.values[budget, default: []].append(value) }
      }
    }
    return found
  }

  private func table(_ entries: [Entry]) -> Table {
    let budgets = [120, 150, 300, 600]
    var table = Table(
      title: "Equal numbers of trained cells: mean hvFront",
      caption: "\(workload.dataSets.count * Device.main.count) tasks; every evaluated cell counts as trained.",
      columns: [.text("method")] + budgets.map { .number("\($0) cells", decimals: 4) })
    for entry in entries {
      table.append(
        [.text(entry.name)] + budgets.map { budget in entry.values[budget].map { .number(Statistics.mean($0)) } ?? nil }
      )
    }
    return table
  }

  private func chart(_ entries: [Entry]) -> Chart {
    .line(
      XYChart(
        name: "contest", title: "Trained cells against the front", caption: "Bars: deviation over tasks and seeds.",
        x: ChartAxis("Trained cells"), y: ChartAxis("Mean hvFront"),
        series: entries.map { entry in
          let budgets = entry.values.keys.sorted()
          return ChartSeries(
            entry.name, x: budgets.map(Double.init), y: budgets.map { Statistics.mean(entry.values[$0] ?? []) },
            yError: budgets.map { Statistics.standardDeviation(entry.values[$0] ?? []) }, connection: .inOrder)
        }))
  }
}
