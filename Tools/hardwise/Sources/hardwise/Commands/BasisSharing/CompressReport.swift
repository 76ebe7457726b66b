import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit

/// `hardwise basissharing report`
struct CompressReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Bytes, perplexity and tokens per second of compressed files beside the dense model in 8 and 4 bits.",
    discussion: "What quantisation alone gives at the same bytes is the baseline to beat. Speeds are timed in turn.")

  @Argument(help: ArgumentHelp("Compressed files.", valueName: "file.gguf"))
  var files: [String]

  @OptionGroup var source: ModelArguments

  @Option(help: ArgumentHelp("Text for the perplexity; WikiText-2's test split by default.", valueName: "file"))
  var text: String?

  @Option(help: "Tokens per window.")
  var window = 1024

  @Option(help: "Windows.")
  var windows = 4

  @Option(help: "Tokens of the prompt that speed is measured with.")
  var prefill = 512

  @Option(help: "Tokens decoded behind it.")
  var decode = 32

  @Option(help: "Rounds of the timing.")
  var rounds = 3

  @OptionGroup var output: OutputOptions

  /// Refuses impossible values, before any file is opened.
  private func check() throws {
    guard window > 1, windows > 0 else { throw ValidationError("--window must be at least 2, --windows positive") }
    guard prefill > 0, decode > 0, rounds > 0 else {
      throw ValidationError("--prefill, --decode and --rounds must be positive")
    }
  }

  func run() throws {
    try check()
    let dense = try source.file()
    let compressed = try files.map { path in
      let file = try ModelArguments.file(path)
      guard file.isFactored, file.config == dense.config else {
        throw BasisSharingError.unsupportedModel("\(path) is no compressed form of \(dense.url.lastPathComponent)")
      }
      return file
    }
    let tokens = try CalibrationArguments.tokens(
      dense, text, set: "wikitext2", member: "wiki.test.raw", option: "--text")
    let exact = try LlamaModel(dense, options: .exact)
    let candidates =
      [StoredModel(dense, name: "\(dense.url.lastPathComponent) (\(StoredModel.format(of: dense).name))")]
      + [TensorType.q8_0, .q4_0].map { StoredModel(exact, as: $0) }
      + zip(files, compressed).map { StoredModel($1, name: URL(fileURLWithPath: $0).lastPathComponent) }
    let rows = try measure(candidates, tokens, otherBytes: StoredModel.otherBytes(dense))
    let table = StorageRow.table(
      rows,
      caption:
        "Perplexity over \(windows) windows of \(window) tokens; 8-bit activations; prefill of \(prefill), then \(decode) one by one, "
        + "medians of \(rounds) rounds.",
      texts: ["perplexity"])
    try output.emit(rows, text: table.plainText(width: Terminal.width))
  }

  private func measure(_ candidates: [StoredModel], _ tokens: [Int32], otherBytes: Int) throws -> [StorageRow] {
    let long = LongWork()
    defer { long.finish() }
    var models: [LlamaModel] = []
    var perplexities: [Double] = []
    for (index, candidate) in candidates.enumerated() {
      long.progress.report(index, of: candidates.count + 1, candidate.name)
      if long.isCancelled { throw Interrupted() }
      models.append(try candidate.load())
      perplexities.append(try models[index].perplexity(of: tokens, window: window, windows: windows).value)
    }
    long.progress.report(candidates.count, of: candidates.count + 1, "tokens per second")
    let prompt = (0..<prefill).map { tokens[$0 % tokens.count] }
    let rates = try Throughput.measure(models, prompt: prompt, decoded: decode, rounds: rounds)
    return candidates.indices.map { index in
      StorageRow(
        name: candidates[index].name, blockBytes: candidates[index].blockBytes,
        totalBytes: candidates[index].blockBytes + otherBytes, perplexity: perplexities[index],
        throughput: rates[index])
    }
  }
}
