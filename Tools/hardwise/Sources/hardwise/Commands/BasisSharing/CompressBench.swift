import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit

/// `hardwise basissharing bench`
struct CompressBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Tokens per second of model files side by side, interleaved: dense and compressed.")

  @Argument(help: ArgumentHelp("Model files.", valueName: "file.gguf"))
  var files: [String]

  @Option(help: "Tokens of the prompt.")
  var prefill = 512

  @Option(help: "Tokens decoded behind it.")
  var decode = 32

  @Option(help: "Rounds.")
  var rounds = 5

  @OptionGroup var output: OutputOptions

  /// Refuses impossible values, before any file is opened.
  private func check() throws {
    guard prefill > 0, decode > 0, rounds > 0 else {
      throw ValidationError("--prefill, --decode and --rounds must be positive")
    }
  }

  func run() throws {
    try check()
    let models = try files.map { (name: $0, model: try LlamaModel(ModelArguments.file($0))) }
    let prompt = [Int32](repeating: 1, count: prefill)
    let rates = try Throughput.measure(models.map(\.model), prompt: prompt, decoded: decode, rounds: rounds)
    var table = Table(
      title: "Tokens per second",
      caption: "Prefill of \(prefill), then \(decode) one by one; medians of \(rounds) rounds.",
      columns: [
        .text("file"), .number("weights", unit: "MB", decimals: 1), .number("prefill", decimals: 0),
        .number("decode", decimals: 1),
      ])
    let rows = zip(models, rates).map { model, rate in
      Row(file: model.name, weightBytes: model.model.weightBytes, prefill: rate.prefill, decode: rate.decode)
    }
    for row in rows {
      table.append([
        .text(row.file), .number(1e-6 * Double(row.weightBytes)), .number(row.prefill), .number(row.decode),
      ])
    }
    try output.emit(rows, text: table.plainText(width: Terminal.width))
  }

  private struct Row: Encodable {
    let file: String
    let weightBytes: Int
    let prefill, decode: Double
  }
}
