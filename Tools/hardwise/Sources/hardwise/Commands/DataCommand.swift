import ArgumentParser
import ReproductionKit

/// `hardwise data`
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "The catalogue of data sets and models: what is here, what brings the rest.",
    subcommands: [List.self, Fetch.self, Verify.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Every entry, and where it was found.")

    @OptionGroup var output: OutputOptions

    func run() throws {
      let catalog = try DataCatalog()
      let rows = catalog.entries.map { entry in
        Row(
          name: entry.name, title: entry.title, kind: entry.kind.rawValue, license: entry.license,
          bytes: entry.byteCount,
          place: entry.provision == .files
            ? catalog.locate(entry).map { $0.url.path } ?? "not here" : entry.provision.rawValue,
          whenAbsent: entry.whenAbsent)
      }
      var table = Table(
        title: "Data",
        columns: [.text("name"), .text("what"), .text("kind"), .text("licence"), .text("where")])
      for row in rows {
        table.append([.text(row.name), .text(row.title), .text(row.kind), .text(row.license), .text(row.place)])
      }
      try output.emit(rows, text: table.plainText(width: Terminal.width))
    }

    private struct Row: Encodable {
      let name, title, kind, license: String
      let bytes: Int?
      let place: String
      let whenAbsent: String
    }
  }

  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring a data set or model onto this machine.",
      discussion: "Says every command before it runs it; downloads resume; checksums are verified.")

    @Argument(help: "Name in the catalogue (`hardwise data list`).")
    var names: [String]

    @OptionGroup var output: OutputOptions

    func run() throws {
      let catalog = try DataCatalog()
      let progress = TerminalProgressSink()
      defer { progress.finish() }
      let reporter = ProgressReporter(sink: progress)
      var places: [String: String] = [:]
      for name in names {
        let resolved = try catalog.fetch(
          name, announce: { Terminal.remark($0) },
          progress: { done, total in
            if let total { reporter.phase(name).report(done, of: total) }
          })
        places[name] = resolved.url.path
      }
      try output.emit(
        places, text: places.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n"))
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Recompute the checksums of what is here.",
      discussion: "Without names, verifies every entry that is on this machine.")

    @Argument(help: "Names in the catalogue.")
    var names: [String] = []

    @OptionGroup var output: OutputOptions

    func run() throws {
      let catalog = try DataCatalog()
      let chosen =
        names.isEmpty
        ? catalog.entries.filter { $0.provision == .files && catalog.isAvailable($0.name) }.map(\.name) : names
      let results = try chosen.map { name in try catalog.verify(name) }
      let lines = results.map { result in
        result.isIntact
          ? "\(result.name): intact (\(result.checkedFiles) files, \(result.checkedBytes) bytes)"
          : result.problems.isEmpty
            ? "\(result.name): nothing to check, the catalogue lists no checksums"
            : result.problems.map { "\(result.name): \($0.path): \($0.reason)" }.joined(separator: "\n")
      }
      try output.emit(results, text: lines.joined(separator: "\n"))
      if results.contains(where: { !$0.problems.isEmpty }) { throw ExitStatus.missingData.code }
    }
  }
}
