import ArgumentParser
import ClassAwarePruning
import ReproductionKit
import VisionModels

/// `hardwise prune units`
struct PruneUnits: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "units", abstract: "Which layers' channels are tied to each other and must go together.")

  @Option(help: "Architecture, such as resnet20, vgg16, densenet40.")
  var arch: String?

  @Option(help: ArgumentHelp("A checkpoint, instead of an architecture.", valueName: "file"))
  var weights: String?

  @Option(help: ArgumentHelp("Layers whose channels must stay; repeatable.", valueName: "layer"))
  var pin: [String] = []

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (arch == nil) != (weights == nil) else { throw ValidationError("give either --arch or --weights") }
  }

  func run() throws {
    let network: Network
    if let weights {
      network = try Network(loading: DataCatalog().resolve(nameOrPath: weights, kind: .weights).url)
    } else {
      network = try Models.named(arch ?? "")
    }
    let units = try ChannelUnits(network, pinning: Set(pin))
    let summary = Summary(
      network: network.name, units: units.count, internalUnits: units.prunable(scope: .internal).count,
      allUnits: units.prunable(scope: .all).count, groups: units.groups)
    let lines = summary.groups.map { "  " + $0.joined(separator: "  ") }
    try output.emit(
      summary,
      text: """
        \(network.name): \(summary.units) units; prunable \(summary.internalUnits) inside blocks, \(summary.allUnits) with \
        residual streams
        layers that are tied to each other, a group per line:
        \(lines.joined(separator: "\n"))
        """)
  }

  private struct Summary: Encodable {
    let network: String
    let units, internalUnits, allUnits: Int
    let groups: [[String]]
  }
}
