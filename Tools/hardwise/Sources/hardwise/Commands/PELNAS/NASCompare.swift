import ArgumentParser
import PELNAS
import ReproductionKit

/// `hardwise pelnas compare`
struct NASCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Put reports of searches side by side.")

  @Argument(help: "Folders or report.json files of `pelnas search --out`.")
  var runs: [String]

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard runs.count >= 2 else { throw ValidationError("name at least two reports") }
  }

  private struct Row: Encodable {
    let run: String
    let task: String
    let proposer: String
    let partition: String
    let cells: Int
    let labels: Int
    let quality: FrontQuality
    let fingerprint: String
  }

  func run() throws {
    let rows = try runs.map { path in
      let report = try NASFiles.read(path)
      return Row(
        run: path, task: report.task, proposer: report.proposer.text, partition: report.partition,
        cells: report.evaluations, labels: report.labelCost, quality: report.quality,
        fingerprint: try report.fingerprint())
    }
    if Set(rows.map(\.task)).count > 1 {
      Terminal.remark("the reports are about different tasks: hypervolumes do not compare")
    }
    var table = Table(
      title: "Searches",
      columns: [
        .text("run"), .text("task"), .text("proposer"), .text("partition"), .number("cells"), .number("labels"),
        .number("hvFull", decimals: 4), .number("hvFront", decimals: 4), .number("IGD front", decimals: 4),
        .text("fingerprint"),
      ])
    for row in rows {
      table.append([
        .text(row.run), .text(row.task), .text(row.proposer), .text(row.partition), .integer(row.cells),
        .integer(row.labels), .number(row.quality.hvFull), .number(row.quality.hvFront), .number(row.quality.igdFront),
        .text(String(row.fingerprint.prefix(12))),
      ])
    }
    try output.emit(rows, text: table.plainText(width: Terminal.width))
  }
}
