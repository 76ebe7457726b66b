/// The outcome of a run: provenance, claims, tables, charts and notes.
public struct Report: Sendable, Codable, Hashable {
  /// Version of the JSON layout that this program writes, described in `Docs/report-schema.md`.
  public static let currentSchemaVersion = 1

  /// Version of the JSON layout.
  public let schemaVersion: Int
  /// Experiment, title and paper.
  public let experiment: ExperimentDescription
  /// Everything needed to judge and repeat the run.
  public var provenance: Provenance
  /// The paper's statements beside what was measured.
  public var claims: [Claim]
  /// Tables, in reading order.
  public var tables: [Table]
  /// Charts, in reading order.
  public var charts: [Chart]
  /// Remarks.
  public var notes: [String]
  /// Paths of the files the run left, relative to the run's folder.
  public var artefacts: [String]

  /// A report.
  public init(
    experiment: ExperimentDescription, provenance: Provenance, claims: [Claim] = [], tables: [Table] = [],
    charts: [Chart] = [], notes: [String] = [], artefacts: [String] = []
  ) {
    schemaVersion = Self.currentSchemaVersion
    self.experiment = experiment
    self.provenance = provenance
    self.claims = claims
    self.tables = tables
    self.charts = charts
    self.notes = notes
    self.artefacts = artefacts
  }

  /// The number of claims that hold, that fail, and that were not tested.
  public var counts: (holds: Int, fails: Int, notTested: Int) {
    claims.reduce(into: (0, 0, 0)) { counts, claim in
      switch claim.verdict {
      case .holds: counts.0 += 1
      case .fails: counts.1 += 1
      case .notTested: counts.2 += 1
      }
    }
  }

  /// Whether no claim fails.
  public var allTestedClaimsHold: Bool { counts.fails == 0 }

  /// The claim with an id.
  public func claim(_ id: String) -> Claim? {
    claims.first { $0.id == id }
  }

  /// All claims as a table: id, statement, paper, measured, criterion, verdict.
  public var claimsTable: Table {
    var table = Table(
      title: "Claims",
      columns: [
        .text("id"), .text("claim"), .text("paper"), .text("measured"), .text("criterion"), .text("verdict"),
      ])
    for claim in claims {
      table.append([
        .text(claim.id), .text(claim.statement + (claim.note.map { " — \($0)" } ?? "")),
        claim.paperValue.map { .text($0) } ?? .missing, .text(claim.measuredText), .text(claim.criterionText),
        .verdict(claim.verdict),
      ])
    }
    return table
  }

  /// `7 claims hold, 1 fails, 2 not tested`.
  public var countsText: String {
    let counts = counts
    let holds = counts.holds == 1 ? "1 claim holds" : "\(counts.holds) claims hold"
    return "\(holds), \(counts.fails) \(counts.fails == 1 ? "fails" : "fail"), \(counts.notTested) not tested"
  }

  /// The claims and tables for a terminal.
  ///
  /// - Parameters:
  ///   - width: columns of the terminal.
  ///   - includesTables: whether the tables follow the claims.
  public func summary(width: Int = 110, includesTables: Bool = true) -> String {
    var parts = [experiment.title + "\n" + (experiment.citation.map { $0.text + "\n" } ?? "")]
    if !claims.isEmpty { parts.append(claimsTable.plainText(width: width)) }
    if includesTables { parts += tables.map { $0.plainText(width: width) } }
    if !provenance.data.isEmpty {
      let names = provenance.data.map { "\($0.name) (\($0.origin.rawValue))" }
      parts.append("data: " + names.joined(separator: ", ") + "\n")
    }
    parts.append(countsText + "\n")
    return parts.joined(separator: "\n")
  }

  /// Adds what only the end of a run knows: final times, data used, notes and artefacts of the context.
  mutating func complete(with context: RunContext) {
    provenance = context.provenance()
    let record = context.recorder.current
    notes += record.notes.filter { !notes.contains($0) }
    artefacts += record.artefacts.filter { !artefacts.contains($0) }
  }
}
