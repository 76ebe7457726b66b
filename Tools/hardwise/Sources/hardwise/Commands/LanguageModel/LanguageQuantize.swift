import ArgumentParser
import Foundation
import LanguageModel
import ReproductionKit

/// `hardwise lm quantize`
struct LanguageQuantize: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize", abstract: "Write a model as a GGUF file in another weight format.",
    discussion: "Reads GGUF files and safetensors folders; tokenizer and metadata come along, norms stay F32.")

  @OptionGroup var source: ModelArguments

  @Option(help: "Format of the matrices: f32, f16, bf16, q8_0, q5_1, q5_0, q4_1, q4_0.")
  var type: String

  @Option(help: "Format of embedding and head; q8_0 by default for block formats, else as --type.")
  var embeddingType: String?

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var out: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let type = try Self.format(type, "--type")
    let embeddingType = try embeddingType.map { try Self.format($0, "--embedding-type") }
    let file = try source.file()
    let url = URL(fileURLWithPath: out)
    let sink = TerminalProgressSink()
    let progress = ProgressReporter(sink: sink)
    try file.writeGGUF(to: url, type: type, embeddingType: embeddingType) { progress.report($0) }
    sink.finish()
    let written = try ModelFile(contentsOf: url)
    let result = Result(
      path: url.path, type: type.name, parameters: written.config.parameterCount,
      bytes: written.tensors.reduce(0) { $0 + $1.byteCount })
    try output.emit(
      result,
      text: String(
        format: "%@: %d weights in %d bytes, %.2f bits each", result.path, result.parameters, result.bytes,
        8 * Double(result.bytes) / Double(result.parameters)))
  }

  private static let formats: [TensorType] = [.f32, .f16, .bf16, .q8_0, .q5_1, .q5_0, .q4_1, .q4_0]

  private static func format(_ name: String, _ option: String) throws -> TensorType {
    guard let format = formats.first(where: { $0.name.lowercased() == name.lowercased() }) else {
      let known = formats.map { $0.name.lowercased() }.joined(separator: ", ")
      throw ValidationError("\(option) is '\(name)'; give one of \(known)")
    }
    return format
  }

  private struct Result: Encodable {
    let path, type: String
    let parameters, bytes: Int
  }
}
