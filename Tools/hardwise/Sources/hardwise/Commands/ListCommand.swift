import ArgumentParser
import ReproductionKit

/// `hardwise list`
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Experiments, data sets and models, and whether the data are on this machine.")

  @OptionGroup var output: OutputOptions

  func run() throws {
    let catalog = try DataCatalog()
    let listing = Listing(
      experiments: Registry.experiments.map { ExperimentDescription($0) },
      data: catalog.entries.map { .init(name: $0.name, title: $0.title, isHere: catalog.isAvailable($0.name)) })
    try output.emit(listing, text: listing.text)
  }

  private struct Listing: Encodable {
    let experiments: [ExperimentDescription]
    let data: [Data]

    struct Data: Encodable {
      let name: String
      let title: String
      let isHere: Bool
    }

    var text: String {
      var experimentTable = Table(title: "Experiments", columns: [.text("id"), .text("what"), .text("paper")])
      for experiment in experiments {
        experimentTable.append([
          .text(experiment.id), .text(experiment.title), .text(experiment.citation?.text ?? ""),
        ])
      }
      var dataTable = Table(title: "Data", columns: [.text("name"), .text("what"), .text("here")])
      for entry in data {
        dataTable.append([.text(entry.name), .text(entry.title), .text(entry.isHere ? "yes" : "no")])
      }
      return [
        experimentTable.plainText(width: Terminal.width), dataTable.plainText(width: Terminal.width),
        "Reproduce one with `hardwise reproduce ID`; fetch data with `hardwise data fetch NAME`.",
      ].joined(separator: "\n")
    }
  }
}
