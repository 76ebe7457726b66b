import ArgumentParser
import ClassAwarePruning
import Foundation

/// `hardwise prune export`
struct PruneExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a pruned checkpoint for PyTorch: safetensors, the graph as JSON, and a short rebuild.py.")

  @OptionGroup var network: NetworkOptions

  @Option(
    help: ArgumentHelp("Path without ending: writes PATH.safetensors, PATH.json and rebuild.py.", valueName: "path"))
  var pytorch: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let files = try PyTorchExport.write(try network.load(), to: URL(fileURLWithPath: pytorch)).map(\.path)
    try output.emit(files, text: files.joined(separator: "\n"))
  }
}
