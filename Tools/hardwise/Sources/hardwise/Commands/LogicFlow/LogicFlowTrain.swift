import ArgumentParser
import Foundation
import LogicFlow
import LogicFlowVerify
import ReproductionKit

/// `hardwise logicflow train`
struct LogicFlowTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a small network on a CSV file and quantise it to integers.")

  @OptionGroup var rows: LogicFlowRows

  @Option(help: "Sizes of the hidden layers, separated by commas.")
  var hidden = "10,25"

  @Option(help: "Passes over the training rows.")
  var epochs = 15

  @Option(help: "Weight of the L1 norm of the weights.")
  var l1: Float = 0

  @Option(help: "Seed of initialisation and order.")
  var seed: UInt64 = 0

  @Option(name: [.customShort("o"), .long], help: ArgumentHelp("Where to write the network.", valueName: "net.json"))
  var output = "net.json"

  @OptionGroup var print: OutputOptions

  func run() throws {
    let sizes = hidden.split(separator: ",").map { Int($0) }
    guard !sizes.contains(nil), !sizes.isEmpty else { throw ValidationError("--hidden \(hidden) is no list of sizes") }
    let split = try rows.split()
    let trainer = NetworkTrainer(hidden: sizes.compactMap { $0 }, epochs: epochs, l1: l1, seed: seed)
    let float = try trainer.train(
      split.train, classes: split.classes, progress: ProgressReporter(sink: TerminalProgressSink()))
    let network = try Quantizer.quantize(float, calibration: split.train, names: split.names)
    try NetworkFile.write(network, to: URL(fileURLWithPath: output))
    func accuracy(_ samples: IntegerSamples) -> Double {
      let classes = BatchClassifier(network).classify(samples.features)
      return 100 * Double(zip(classes, samples.labels).count { $0 == $1 }) / Double(samples.count)
    }
    let summary = Summary(
      network: output, macs: network.macs, trainAccuracy: accuracy(split.train), testAccuracy: accuracy(split.test))
    try print.emit(
      summary,
      text: "\(output): \(summary.macs) MACs, accuracy \(fixed(summary.trainAccuracy)) % on training, "
        + "\(fixed(summary.testAccuracy)) % on test rows")
  }

  private func fixed(_ value: Double) -> String { String(format: "%.2f", value) }

  private struct Summary: Encodable {
    let network: String
    let macs: Int
    let trainAccuracy, testAccuracy: Double
  }
}
