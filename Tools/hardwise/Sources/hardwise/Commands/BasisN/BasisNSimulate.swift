import ArgumentParser
import BasisN
import Foundation
import VisionModels

/// `hardwise basisn simulate`
struct BasisNSimulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Classify test images on simulated crossbars, optionally after repair.")

  @Argument(help: ArgumentHelp("The encoded network.", valueName: "file"))
  var file: String

  @OptionGroup var data: DataOption
  @OptionGroup var physics: PhysicsOptions

  @Option(help: "Test images.")
  var images = 256

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0

  @Flag(help: "Also solve the coefficients again on the columns as measured.")
  var repair = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard images > 0 else { throw ValidationError("--images is \(images); give a positive number") }
  }

  func run() throws {
    let workspace = try BasisNWorkspace(file: file, data: data)
    let configuration = try physics.configuration(for: workspace.model, seed: seed)
    let test = workspace.splits.test.prefix(images)
    func accuracy(_ network: Network) throws -> Double {
      try InferenceEngine(network).evaluate(test, normalization: workspace.normalization).accuracy
    }
    let chip = try Chip(workspace.model, configuration: configuration, combiner: physics.combiner)
    let (network, statistics) = try chip.network(calibration: workspace.calibration)
    var result = Result(
      images: test.count, exact: try accuracy(workspace.model.integerNetwork()), simulated: try accuracy(network),
      repaired: nil, gains: chip.basis.gains,
      layers: statistics.map { .init(layer: $0.layer, conversions: $0.total, saturation: $0.saturation) })
    if repair {
      let mended = try Repair.repair(workspace.model, measured: chip.basis).model
      let mendedChip = try Chip(mended, configuration: configuration, combiner: physics.combiner)
      result.repaired = try accuracy(mendedChip.network(calibration: workspace.calibration).network)
    }
    for layer in result.layers where layer.saturation > 0.01 {
      Terminal.remark(
        "\(layer.layer): \(String(format: "%.1f", 100 * layer.saturation)) % of the conversions are clipped; raise "
          + "--adc-percentile")
    }
    try output.emit(result, text: result.text)
  }

  private struct Result: Encodable {
    let images: Int
    let exact: Double
    let simulated: Double
    var repaired: Double?
    let gains: [Double]
    let layers: [Layer]

    struct Layer: Encodable {
      let layer: String
      let conversions: Int
      let saturation: Double
    }

    var text: String {
      var lines = [
        "\(images) test images: \(percent(exact)) with exact integers, \(percent(simulated)) on the crossbars"
      ]
      if let repaired { lines.append("\(percent(repaired)) after repair: coefficients solved again, nothing written") }
      lines.append("gain of the crossbars before correction: " + gains.map(NumberFormat.short).joined(separator: ", "))
      return lines.joined(separator: "\n")
    }

    private func percent(_ value: Double) -> String { String(format: "%.2f %%", 100 * value) }
  }
}
