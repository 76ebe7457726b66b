/// Collects claims, tables, charts and notes into a ``Report``.
public struct ReportBuilder: Sendable {
  private let context: RunContext
  private var claims: [Claim] = []
  private var tables: [Table] = []
  private var charts: [Chart] = []
  private var notes: [String] = []

  /// An empty report of a run.
  public init(_ context: RunContext) {
    self.context = context
  }

  /// Adds a claim. Claim ids are unique in a report.
  public mutating func add(_ claim: Claim) {
    precondition(!claims.contains { $0.id == claim.id }, "ReportBuilder: claim id \"\(claim.id)\" was added twice")
    claims.append(claim)
  }

  /// Adds claims.
  public mutating func add(_ claims: [Claim]) {
    for claim in claims { add(claim) }
  }

  /// Adds a table.
  public mutating func add(_ table: Table) {
    tables.append(table)
  }

  /// Adds a chart.
  public mutating func add(_ chart: Chart) {
    charts.append(chart)
  }

  /// Adds a remark.
  public mutating func note(_ text: String) {
    notes.append(text)
  }

  /// The report, with the provenance as it stands now.
  public func build() -> Report {
    var report = Report(
      experiment: context.experiment, provenance: context.provenance(), claims: claims, tables: tables, charts: charts,
      notes: notes)
    report.complete(with: context)
    return report
  }
}
