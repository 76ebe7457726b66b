import ArgumentParser
import BasisN
import Foundation
import ReproductionKit

/// `hardwise basisn inspect`
struct BasisNInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "What is in a .basisn file, layer by layer.")

  @Argument(help: ArgumentHelp("The encoded network.", valueName: "file"))
  var file: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let model = try BasisNFile.read(URL(fileURLWithPath: file))
    let rows = model.layers.map { layer in
      Row(
        layer: layer.shape.name, outputs: layer.shape.outputs, reduction: layer.shape.reduction,
        windows: layer.shape.windows, slices: layer.slicing.count, rowsUsed: layer.slicing.length,
        coefficients: layer.atoms.count, setBits: layer.setBits, inputBits: layer.input.bits,
        zeroPoint: layer.input.zeroPoint)
    }
    let summary = Summary(
      network: model.network.name, configuration: model.configuration, vectors: model.basis.count,
      length: model.basis.length, cellBits: model.basis.cellBits, coefficientBits: model.coefficientBits, layers: rows)
    var table = Table(
      title: "\(summary.network): \(summary.vectors) vectors of \(summary.length) cells with \(summary.cellBits) bits",
      columns: [
        .text("layer"), .number("kernels"), .number("weights each"), .number("slices"), .number("rows"),
        .number("windows"), .number("coefficients"), .number("set bits"), .number("zero point"),
      ])
    for row in rows {
      table.append([
        .text(row.layer), .integer(row.outputs), .integer(row.reduction), .integer(row.slices), .integer(row.rowsUsed),
        .integer(row.windows), .integer(row.coefficients), .integer(row.setBits), .integer(row.zeroPoint),
      ])
    }
    try output.emit(summary, text: table.plainText(width: Terminal.width))
  }

  private struct Row: Encodable {
    let layer: String
    let outputs, reduction, windows, slices, rowsUsed, coefficients, setBits, inputBits, zeroPoint: Int
  }

  private struct Summary: Encodable {
    let network: String
    let configuration: EncodingConfiguration
    let vectors, length, cellBits, coefficientBits: Int
    let layers: [Row]
  }
}
