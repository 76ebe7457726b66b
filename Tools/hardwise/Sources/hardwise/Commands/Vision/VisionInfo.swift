import ArgumentParser
import Foundation
import ReproductionKit
import VisionModels

/// `hardwise vision info`
struct VisionInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Layers, shapes, parameters and multiply-accumulates of a model or checkpoint.")

  @Argument(help: "A model name (resnet20, vgg16, …), a catalogue name (resnet20-cifar10) or a safetensors file.")
  var model: String

  @Option(help: "Number of classes of a named model.")
  var classes = 10

  @Flag(help: "Also the layers without parameters.")
  var all = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let network = try load()
    let cost = network.cost()
    let rows = network.layerTable(all: all)
    var table = Table(
      title: network.name,
      columns: [
        .text("node"), .text("layer"), .text("output"), .number("parameters", decimals: 0),
        .number("MACs", decimals: 0), .number("share", unit: "%", decimals: 1),
      ])
    for row in rows {
      table.append([
        .text(row.name), .text(row.layer), .text(row.output.map(String.init).joined(separator: "×")),
        .number(Double(row.parameters)), .number(Double(row.macs)), .number(100 * row.macShare),
      ])
    }
    let summary = Summary(
      name: network.name, inputShape: network.inputShape, classes: network.classes, parameters: cost.parameters,
      macs: cost.macs, metadata: network.metadata, layers: rows)
    try output.emit(
      summary,
      text: table.plainText(width: Terminal.width)
        + "\ninput \(network.inputShape.map(String.init).joined(separator: "×")), \(network.classes) classes, "
        + "\(cost.parameters) parameters, \(cost.macs) MACs per image")
  }

  private func load() throws -> Network {
    if Models.names.contains(model) { return try Models.named(model, classes: classes) }
    do {
      let resolved = try DataCatalog().resolve(nameOrPath: model, kind: .weights)
      return try Network(loading: resolved.url)
    } catch DataCatalogError.unknownName(let name, let known) {
      throw UnknownName(kind: "model, catalogue entry or file", name: name, known: Models.names + known)
    }
  }

  private struct Summary: Encodable {
    let name: String
    let inputShape: [Int]
    let classes, parameters, macs: Int
    let metadata: [String: String]
    let layers: [LayerRow]
  }
}
