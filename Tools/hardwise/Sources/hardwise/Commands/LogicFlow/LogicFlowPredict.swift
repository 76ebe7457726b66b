import ArgumentParser
import Foundation
import LogicFlow
import LogicFlowVerify

/// `hardwise logicflow predict`
struct LogicFlowPredict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Classes, or logits, of rows: test rows of a table scaled on its training rows.")

  @Argument(help: ArgumentHelp("The network.", valueName: "net.json"))
  var network: String

  @OptionGroup var rows: LogicFlowRows

  @Flag(help: "Print logits instead of classes.")
  var logits = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let network = try NetworkFile.read(URL(fileURLWithPath: network))
    let samples = try rows.split().test
    try requireWidth(samples, network, rows.rows)
    if logits {
      let values = (0..<samples.count).map { network.logits(samples[$0]) }
      try output.emit(values, text: values.map { $0.map(String.init).joined(separator: ",") }.joined(separator: "\n"))
    } else {
      let classes = BatchClassifier(network).classify(samples.features)
      try output.emit(classes, text: classes.map(String.init).joined(separator: "\n"))
    }
  }
}
