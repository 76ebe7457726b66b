import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel

/// `hardwise basissharing export`
struct CompressExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the factors of a compressed file as safetensors, for PyTorch: two Linear weights per matrix.")

  @Argument(help: ArgumentHelp("A file that `compress` wrote.", valueName: "file.gguf"))
  var file: String

  @Option(help: ArgumentHelp("The file to write.", valueName: "file.safetensors"))
  var out: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let model = try CompressedModel(ModelFile(contentsOf: URL(fileURLWithPath: file)))
    try model.writeFactors(to: URL(fileURLWithPath: out))
    let summary = Summary(path: out, groups: model.plan.groups.count, parameters: model.plan.parameters(model.shapes))
    try output.emit(summary, text: "\(out): \(summary.groups) groups; the plan is in the metadata")
  }

  private struct Summary: Encodable {
    let path: String
    let groups, parameters: Int
  }
}
