import ReproductionKit

/// D1: the tables are the benchmark.
struct TableStudy {
  let subject: Subject

  func run() throws -> StudyResult {
    var result = StudyResult()
    let identities = try TableIdentities.check(subject.benchmark)
    let broken = identities.filter { $0.violations > 0 }
    result.claims = [
      subject.claim(
        "D1",
        "the tables are the benchmark: \(identities.count) identities hold for every cell, files as in their manifest",
        [MeasuredValue(Double(broken.count), unit: "identities broken", decimals: 0)], .exactly(0),
        note: broken.isEmpty ? nil : broken.map { "\($0.name): \($0.detail)" }.joined(separator: "; "))
    ]
    var table = Table(
      title: "Identities of the tables (D1)",
      columns: [.text("identity"), .number("violations", decimals: 0), .text("found")])
    for identity in identities {
      table.append([.text(identity.name), .integer(identity.violations), .text(identity.detail)])
    }
    result.tables = [table]
    result.charts = [try deviceCorrelations()]
    return result
  }

  /// How far the devices agree on which cell is slow.
  private func deviceCorrelations() throws -> Chart {
    let tasks = try subject.tasks([.cifar10])
    let common = Cell.all.filter { cell in tasks.allSatisfy { $0.isUsable(cell) } }
    let ranks = tasks.map { task in Statistics.ranks(common.map { task.costs[$0.code] }) }
    let values = ranks.map { left in ranks.map { Statistics.pearson(left, $0) } }
    return .heatMap(
      HeatMapChart(
        name: "devices", title: "Do devices agree? Spearman of latencies, CIFAR-10",
        caption: "\(common.count) cells that all six devices run.", rows: tasks.map(\.deviceName),
        columns: tasks.map(\.deviceName), values: values, value: ChartAxis("Spearman", lower: 0, upper: 1)))
  }
}
