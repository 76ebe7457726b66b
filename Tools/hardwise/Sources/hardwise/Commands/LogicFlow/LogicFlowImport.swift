import ArgumentParser
import Foundation
import LogicFlow
import LogicFlowVerify

extension NetworkImport.Inputs: ExpressibleByArgument {}

/// `hardwise logicflow import`
struct LogicFlowImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Quantise a network that was trained elsewhere.",
    discussion: """
      Safetensors files hold linear layers under PyTorch's names, and batch normalisations behind them; .npz files, written by \
      numpy.savez, hold each matrix followed by its biases. ReLU between layers is understood.
      """)

  @Argument(help: ArgumentHelp("The network: .safetensors or .npz.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The table whose training rows calibrate the integers.", valueName: "rows"))
  var train: String

  @Option(help: "What the network was trained on: scaled (features in 0...1) or raw.")
  var inputs = NetworkImport.Inputs.scaled

  @Option(name: [.customShort("o"), .long], help: ArgumentHelp("Where to write the network.", valueName: "net.json"))
  var output = "net.json"

  @OptionGroup var print: OutputOptions

  func run() throws {
    let split = try SampleSplit(LogicFlowTable.open(train))
    var float = try NetworkImport.read(URL(fileURLWithPath: file))
    if inputs == .raw { float = try NetworkImport.scaled(float, by: split.scaler) }
    guard float.layers[0].weight.shape[1] == split.train.width else {
      throw LogicFlowError.mismatch(
        "\(train) has \(split.train.width) features, the network \(float.layers[0].weight.shape[1])")
    }
    let network = try Quantizer.quantize(float, calibration: split.train, names: split.names)
    try print.emit(NetworkSummary(writing: network, to: output, split))
  }
}
