import ArgumentParser
import BasisN
import Foundation
import ReproductionKit

/// `hardwise basisn cost`
struct BasisNCost: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cost",
    abstract: "Cycles, energy and wear of a network under every scheme; where the basis wins and where it does not.",
    discussion: "Without a .basisn file the columns are taken to be loaded evenly, which no real code quite reaches.")

  @Option(
    help: ArgumentHelp(
      "Network: \(NetworkShape.builtInNames.joined(separator: ", ")), or a JSON file.", valueName: "shape"))
  var shape = "resnet20-cifar10"

  @Option(help: ArgumentHelp("An encoded network, whose patterns the load is drawn from.", valueName: "file"))
  var model: String?

  @Option(help: ArgumentHelp("Hardware constants instead of the built-in ones.", valueName: "JSON file"))
  var hardware: String?

  @Option(help: "Write model.")
  var write = "cellSequential-1us"

  @Option(help: "Crossbars on the chip.")
  var crossbars = 2

  @Option(help: "Bits that a word line carries at once; 1 is bit-serial.")
  var dacBits = 8

  @Option(help: "Basis vectors, without --model.")
  var basis = 128

  @Option(help: "Set coefficient bits per kernel slice, without --model.")
  var setBits = 25.9

  @Option(help: "Coefficient bits, without --model.")
  var bits = 4

  @Option(help: "Coefficients per kernel slice, without --model.")
  var nonzeros = 16

  @Option(help: "Summing lines per crossbar.")
  var lines = 16

  @Option(help: "Copies of the basis.")
  var replicas = 1

  @Option(help: "analogRouting, digitalSteering or digitalReuse.")
  var combiner = Combiner.analogRouting

  @OptionGroup var output: OutputOptions

  func run() throws {
    let constants = try hardware.map { try HardwareConfiguration(loading: URL(fileURLWithPath: $0)) } ?? .standard()
    let shape =
      NetworkShape.builtInNames.contains(self.shape) || !FileManager.default.fileExists(atPath: self.shape)
      ? try NetworkShape.builtIn(self.shape) : try NetworkShape(loading: URL(fileURLWithPath: self.shape))
    let cost = try CostModel(constants, write: write, crossbars: crossbars, dacBits: dacBits)
    let load = try load(shape, constants)
    var reports = [try cost.basis(load, combiner: combiner, replicas: replicas), try cost.perLayerBasis(load)]
    for batch in [1, 8, 64] {
      var report = try cost.reprogramming(shape, batch: batch)
      if report.scheme != "resident" { report.scheme += " (batch \(batch))" }
      reports.append(report)
    }
    reports.append(try cost.reprogramming(shape, overlaps: true))
    reports.append(try cost.resident(shape))
    let breakEven = try BreakEven.batch(shape, load: load, model: cost)
    let once = cost.basisWrite(vectors: load.basis)
    let result = Result(
      shape: shape.name, write: write, crossbars: crossbars, reports: reports, breakEvenBatch: breakEven,
      basisWriteCycles: once.cycles, basisWritePicojoules: once.picojoules)
    try output.emit(result, text: result.text)
  }

  private func load(_ shape: NetworkShape, _ constants: HardwareConfiguration) throws -> BasisLoad {
    guard let model else {
      guard basis > 0, bits > 1, setBits > 0, lines > 0, nonzeros > 0 else {
        throw ValidationError("--basis, --bits, --set-bits, --nonzeros and --lines must be positive")
      }
      return BasisLoad(
        balanced: shape, basis: basis, setBits: setBits, bits: bits, nonzeros: nonzeros, lines: lines * crossbars,
        rows: constants.rows)
    }
    let encoded = try BasisNFile.read(URL(fileURLWithPath: model))
    let slices = Double(max(1, encoded.layers.reduce(0) { $0 + $1.scales.count }))
    return try PatternSampler(encoded).load(
      of: shape, lines: lines * crossbars, draws: 2, rounds: 30,
      coefficientBits: Double(encoded.coefficientBits) / slices * Double(shape.kernelSlices(rows: constants.rows)),
      rows: constants.rows, seed: 0)
  }

  private struct Result: Encodable {
    let shape: String
    let write: String
    let crossbars: Int
    let reports: [CostReport]
    let breakEvenBatch: Int?
    let basisWriteCycles: Double
    let basisWritePicojoules: Double

    var text: String {
      var table = Table(
        title: "\(shape), \(write), \(crossbars) crossbars",
        columns: [
          .text("scheme"), .number("crossbars"), .number("read", unit: "kcycles", decimals: 1),
          .number("write", unit: "kcycles", decimals: 1), .number("time", unit: "ms", decimals: 3),
          .number("energy", unit: "µJ", decimals: 2), .number("E·D of basis", unit: "%", decimals: 3),
          .number("writes per cell", decimals: 2),
        ])
      for report in reports {
        table.append([
          .text(report.scheme), .integer(report.crossbars), .number(report.readCycles * 1e-3),
          .number(report.writeCycles * 1e-3), .number(report.seconds * 1e3), .number(report.picojoules * 1e-6),
          .number(100 * reports[0].energyDelay / report.energyDelay), .number(report.writesPerCell),
        ])
      }
      let batch =
        breakEvenBatch.map { "reprogramming needs fewer cycles from a batch of \($0)" }
        ?? "the basis needs fewer cycles at any batch size"
      return table.plainText(width: Terminal.width)
        + "\n\(batch); the basis is written once in \(NumberFormat.short(basisWriteCycles * 1e-3)) kcycles with "
        + "\(NumberFormat.short(basisWritePicojoules * 1e-6)) µJ"
    }
  }
}
