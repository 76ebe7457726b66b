import ArgumentParser
import ClassAwarePruning
import FileKit
import Foundation
import JSONC
import ReproductionKit
import VisionModels

/// `hardwise prune export`
struct PruneExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a pruned checkpoint for other frameworks: plain safetensors and a JSON with the graph.",
    discussion: """
      The tensors keep PyTorch's names. The JSON lists the layers with their widths, from which a few lines of Python rebuild \
      the module (Docs/classawarepruning.md shows them).
      """)

  @OptionGroup var network: NetworkOptions

  @Option(help: ArgumentHelp("Path without ending: writes PATH.safetensors and PATH.json.", valueName: "path"))
  var pytorch: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let network = try network.load()
    let weights = URL(fileURLWithPath: pytorch + ".safetensors")
    let graph = URL(fileURLWithPath: pytorch + ".json")
    try network.save(to: weights)
    try AtomicFile.write(JSON.encode(NetworkArchitecture(network), style: .pretty), to: graph)
    let files = [weights.path, graph.path]
    try output.emit(files, text: files.joined(separator: "\n"))
  }
}
