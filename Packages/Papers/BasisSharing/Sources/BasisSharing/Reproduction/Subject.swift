import Foundation
import LanguageModel
import ReproductionKit

/// The model and the texts that the experiment works on.
struct Subject {
  let file: ModelFile
  /// The dense model in exact numerics: the "original" of every comparison.
  let model: LlamaModel
  let tokenizer: Tokenizer
  /// The name of the model for tables.
  let name: String
  /// Calibration and recovery text.
  let training: [Int32]
  /// The text that perplexities are measured on.
  let test: [Int32]
  /// A text of another kind, if there is one.
  let secondTest: [Int32]?
  /// Why claims about the published model cannot be tried; nil if they can.
  let reason: String?

  /// SmolLM2 and WikiText-2 where both are on this machine (option `model`: `auto` or `tiny`), else the workspace's tiny model and text of its
  /// own world.
  static func load(_ context: RunContext) throws -> Subject {
    let wantsTiny = context.option("model", default: "auto") == "tiny"
    guard !wantsTiny, let source = try? context.catalog.resolve("smollm2"),
      let wiki = try? context.catalog.resolve("wikitext2")
    else {
      return try tiny(
        context,
        wantsTiny
          ? "the tiny model was asked for" : "SmolLM2 or WikiText-2 is not on this machine (`hardwise data list`)")
    }
    context.record(source.source())
    context.record(wiki.source())
    let file = try ModelFile(contentsOf: source.url)
    let tokenizer = try file.tokenizer()
    func tokens(_ url: URL) throws -> [Int32] {
      tokenizer.encode(try String(contentsOf: url, encoding: .utf8), special: .asText)
    }
    var second: [Int32]?
    if let ptb = try? context.catalog.resolve("ptb") {
      context.record(ptb.source())
      second = try tokens(ptb.file("ptb.test.txt"))
    }
    return Subject(
      file: file, model: try LlamaModel(file, options: .exact), tokenizer: tokenizer, name: "SmolLM2-135M",
      training: try tokens(wiki.file("wiki.train.head.raw")), test: try tokens(wiki.file("wiki.test.raw")),
      secondTest: second, reason: nil)
  }

  private static func tiny(_ context: RunContext, _ reason: String) throws -> Subject {
    context.record(
      DataSource(
        name: "tiny model and its corpus", origin: .synthetic, license: "Apache-2.0", location: "embedded", note: reason
      ))
    let file = try EmbeddedModel.file()
    let tokenizer = try file.tokenizer()
    func tokens(_ seed: UInt64) -> [Int32] {
      var corpus = TinyCorpus(seed: seed)
      return tokenizer.encode((0..<400).map { _ in corpus.next().plainText }.joined(separator: "\n"), special: .asText)
    }
    return Subject(
      file: file, model: try LlamaModel(file, options: .exact), tokenizer: tokenizer, name: "tiny model",
      training: tokens(101), test: tokens(102), secondTest: tokens(103), reason: reason)
  }

  /// A claim about the published model; not tested on the tiny one.
  func claim(
    _ id: String, _ statement: String, paper: String? = nil, _ measured: [MeasuredValue], _ criterion: Criterion,
    note: String? = nil
  ) -> Claim {
    if let reason {
      return .notTested(
        id: id, statement: statement, paperValue: paper, criterion: criterion, reason: reason,
        note: measured.map(\.labelledText).joined(separator: ", "))
    }
    return Claim(
      id: id, statement: statement, paperValue: paper, measured: measured, criterion: criterion, note: note)
  }
}
