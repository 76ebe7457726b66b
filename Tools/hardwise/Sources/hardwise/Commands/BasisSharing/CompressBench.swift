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

  func validate() throws {
    guard prefill > 0, decode > 0, rounds > 0 else {
      throw ValidationError("--prefill, --decode and --rounds must be positive")
    }
  }

  func run() throws {
    let models = try files.map { (name: $0, model: try LlamaModel(ModelArguments.file($0))) }
    let timer = InterleavedTimer(rounds: rounds)
    let first = try timer.measure(
      models.map { name, model in
        let prompt = [Int32](repeating: 1, count: prefill)
        return (
          name,
          {
            var cache = model.makeCache()
            _ = try model.forward(prompt, cache: &cache)
          }
        )
      })
    let second = try timer.measure(
      try models.map { name, model in
        var start = model.makeCache()
        _ = try model.forward([Int32](repeating: 1, count: prefill), cache: &start)
        let context = start
        return (
          name,
          {
            var cache = context
            for _ in 0..<decode { _ = try model.forward([1], cache: &cache) }
          }
        )
      })
    var table = Table(
      title: "Tokens per second",
      caption: "Prefill of \(prefill), then \(decode) one by one; medians of \(rounds) rounds.",
      columns: [
        .text("file"), .number("weights", unit: "MB", decimals: 1), .number("prefill", decimals: 0),
        .number("decode", decimals: 1),
      ])
    let rows = models.map { name, model in
      Row(
        file: name, weightBytes: model.weightBytes, prefill: Double(prefill) / first.median(name).value,
        decode: Double(decode) / second.median(name).value)
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
