import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit

/// `hardwise basissharing eval`
struct CompressEval: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Perplexities and zero-shot accuracies of a model file, dense or compressed.",
    discussion: "--keep serves a compressed file at smaller ranks: the elastic use of one file.")

  @OptionGroup var source: ModelArguments

  @Option(help: ArgumentHelp("A text; WikiText-2's test split and PTB's by default.", valueName: "file"))
  var text: String?

  @Option(help: "Tokens per window.")
  var window = 1024

  @Option(help: "Windows of each text.")
  var windows = 16

  @Option(help: "Part of every group's basis vectors to use, 0 to 1.")
  var keep: Double?

  @Option(help: "Questions of each multiple-choice set; none by default.")
  var questions = 0

  @OptionGroup var output: OutputOptions

  /// Refuses impossible values, before any file is opened.
  private func check() throws {
    guard window > 1, windows > 0, questions >= 0 else {
      throw ValidationError("--window must be at least 2, --windows positive, --questions 0 or more")
    }
    if let keep, !(keep > 0 && keep <= 1) {
      throw ValidationError("--keep is \(keep); give a number above 0, at most 1")
    }
  }

  func run() throws {
    try check()
    let file = try source.file()
    let model =
      try keep.map { try CompressedModel(file).truncated(keeping: $0).model() } ?? LlamaModel(file, options: .exact)
    let catalog = try DataCatalog()
    let texts: [(String, URL)] =
      try text.map { [($0, URL(fileURLWithPath: $0))] } ?? [
        ("WikiText-2", catalog.resolve("wikitext2").file("wiki.test.raw")),
        ("PTB", catalog.resolve("ptb").file("ptb.test.txt")),
      ]
    let long = LongWork()
    var summary = Summary(model: file.url.lastPathComponent)
    for (name, url) in texts {
      let tokens = try file.tokenizer().encode(TextInput.file(url.path), special: .asText)
      let perplexity = try model.perplexity(of: tokens, window: window, windows: windows) { done in
        long.progress.report(done, of: windows, name)
      }
      summary.perplexities[name] = perplexity.value
    }
    for name in questions > 0 ? ["arc-easy", "arc-challenge", "openbookqa", "piqa", "winogrande"] : [] {
      let task = try ChoiceTask(name: name, contentsOf: catalog.resolve(name).url, limit: questions)
      summary.choices[name] = try task.score(model, file.tokenizer()) { done in
        long.progress.report(done, of: task.questions.count, name)
      }
    }
    long.finish()
    try output.emit(summary, text: lines(summary))
  }

  private func lines(_ summary: Summary) -> String {
    let lines =
      summary.perplexities.sorted { $0.key > $1.key }.map {
        String(format: "%@: perplexity %.3f (windows of %d, at most %d)", $0.key, $0.value, window, windows)
      }
      + summary.choices.sorted { $0.key < $1.key }.map {
        String(
          format: "%@: accuracy %.3f, per byte %.3f (%d questions)", $0.key, $0.value.accuracy,
          $0.value.normalizedAccuracy, $0.value.count)
      }
    return lines.joined(separator: "\n")
  }

  private struct Summary: Encodable {
    let model: String
    var perplexities: [String: Double] = [:]
    var choices: [String: ChoiceTask.Score] = [:]
  }
}
