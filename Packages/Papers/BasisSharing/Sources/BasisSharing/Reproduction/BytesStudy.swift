import Foundation
import LanguageModel
import ReproductionKit

/// Claim 9: bytes, perplexity and speed of what users really choose between, files written and loaded again.
struct BytesStudy {
  let bench: Workbench
  let perplexities: PerplexityStudy

  private static let decoded = 24

  /// A row without its speed, which is measured for all of them in turn.
  private struct Scores: Codable {
    let perplexity: Double
    let second: Double?
  }

  func run(_ progress: ProgressReporter) async throws -> StudyResult {
    let source = bench.subject.file
    var candidates = [StoredModel(source, name: "\(StoredModel.format(of: source).name) (the file)")]
    for type in [TensorType.q8_0, .q5_1, .q4_0] where type != .q5_1 || bench.workload.isFull {
      candidates.append(StoredModel(bench.subject.model, as: type))
    }
    let url = try file(ratio: 0.2, .q8_0, progress)
    candidates.append(StoredModel(try ModelFile(contentsOf: url), name: "gqa 20 %, Q8_0 factors"))
    if bench.workload.isFull {
      for (name, ratio, type) in [
        ("gqa 20 %, Q4_0 factors", 0.2, TensorType.q4_0), ("gqa 50 %, Q8_0 factors", 0.5, .q8_0),
      ] {
        candidates.append(StoredModel(try ModelFile(contentsOf: file(ratio: ratio, type, progress)), name: name))
      }
      candidates.append(dropped(ratio: 0.2))
    }
    let rows = try rows(candidates, progress)
    let reply = try await bench.context.step("reply", as: String.self) {
      let chat = try LocalChatModel(contentsOf: url)
      return try await chat.reply(to: ChatRequest([.user("What is a language model?")], maximumTokens: 24)).text
    }
    return try result(rows, url, reply)
  }

  private func dropped(ratio: Double) -> StoredModel {
    let (model, layers) = (bench.subject.model, bench.shapes.layers)
    let dropped = LayerDropping.layers(ratio: ratio, of: layers)
    return StoredModel(
      name: "\(Int(100 * ratio)) % of the layers dropped",
      blockBytes: StoredModel.blockBytes(bench.subject.file) * (layers - dropped.count) / layers
    ) { try model.skipping(layers: dropped).with(numerics: .fast) }
  }

  private func rows(_ candidates: [StoredModel], _ progress: ProgressReporter) throws -> [StorageRow] {
    let models = Cached { try candidates.map { try $0.load() } }
    let scores = try candidates.enumerated().map { index, candidate in
      try bench.context.checkCancellation()
      progress.report(0.3 + 0.5 * Double(index) / Double(candidates.count), candidate.name)
      let step = "stored-" + candidate.name.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "_" }
      return try bench.context.step(step, as: Scores.self) { try score(models.value()[index]) }
    }
    let rates = try bench.context.step("stored-throughput", as: [Throughput].self) {
      progress.report(0.8, "tokens per second")
      return try Throughput.measure(
        models.value(), prompt: Array(bench.subject.test.prefix(bench.workload.prefill)), decoded: Self.decoded,
        rounds: bench.workload.isFull ? 5 : 3)
    }
    let others = StoredModel.otherBytes(bench.subject.file)
    return zip(candidates, zip(scores, rates)).map { candidate, measured in
      StorageRow(
        name: candidate.name, blockBytes: candidate.blockBytes, totalBytes: candidate.blockBytes + others,
        perplexity: measured.0.perplexity, secondPerplexity: measured.0.second, throughput: measured.1)
    }
  }

  private func score(_ model: LlamaModel) throws -> Scores {
    let workload = bench.workload
    let first = try model.perplexity(of: bench.subject.test, window: workload.window, windows: workload.windows)
    let second = try bench.secondTest.map {
      try model.perplexity(of: $0, window: workload.window, windows: workload.secondWindows).value
    }
    return Scores(perplexity: first.value, second: second)
  }

  private func result(_ rows: [StorageRow], _ url: URL, _ reply: String) throws -> StudyResult {
    let compressed = rows.first { $0.name == "gqa 20 %, Q8_0 factors" }
    let four = rows.first { $0.name == "Q4_0 dense" }
    let equal = try bench.context.step("reloaded", as: Bool.self) { try isReloadedExactly(url) }
    var result = StudyResult(
      tables: [
        StorageRow.table(
          rows,
          caption:
            "Weights as a file holds them, with the embedding in the file's own format; 8-bit activations, speeds timed in turn. "
            + "\"gqa\": n = 2 with an own-Gram refit, written and loaded again. "
            + "32-bit dense weights would be \(4 * bench.shapes.blockParameters / 1_000_000) MB of blocks.",
          texts: bench.secondTest == nil ? ["WikiText-2"] : ["WikiText-2", "PTB"])
      ], charts: [chart(rows)])
    result.claims = [
      Claim(
        id: "9a", statement: "bytes: the written file loads to exactly the factors that were written", isTrue: equal),
      bench.subject.claim(
        "9b", "bytes: factors in 8 bits at 20 % against 4-bit dense weights, blocks only",
        [
          MeasuredValue(1e-6 * Double(compressed?.blockBytes ?? 0), unit: "MB", label: "factors", decimals: 1),
          MeasuredValue(1e-6 * Double(four?.blockBytes ?? 0), unit: "MB", label: "Q4_0", decimals: 1),
        ], .reported,
        note: "perplexity \(number(compressed?.perplexity)) against \(number(four?.perplexity)): low rank "
          + ((compressed?.perplexity ?? 0) > (four?.perplexity ?? 0) ? "loses to" : "beats")
          + " plain 4-bit weights on this model"),
    ]
    result.notes = ["The loaded file, asked \"What is a language model?\", greedily: \"\(reply)\""]
    return result
  }

  /// The compressed model as a file in the run's folder.
  private func file(ratio: Double, _ precision: TensorType, _ progress: ProgressReporter) throws -> URL {
    progress.report(0.3, "file, \(precision.name) factors")
    let name = "gqa-\(Int(100 * ratio))-\(precision.name.lowercased()).gguf"
    return try bench.context.fileStep(name) { url in
      try bench.compressed(.gqa, ratio: ratio, refit: .own).write(
        to: url, source: bench.subject.file, precision: precision)
    }
  }

  /// Writes the loaded factors once more and compares all tensors.
  private func isReloadedExactly(_ url: URL) throws -> Bool {
    let file = try ModelFile(contentsOf: url)
    let again = url.deletingLastPathComponent().appendingPathComponent("again.gguf")
    defer { try? FileManager.default.removeItem(at: again) }
    try CompressedModel(file).write(to: again, source: bench.subject.file, precision: .q8_0)
    let second = try ModelFile(contentsOf: again)
    return try file.tensors.count == second.tensors.count
      && file.tensors.allSatisfy { tensor in
        try file.tensor(named: tensor.name).withUnsafeBytes { first in
          try second.tensor(named: tensor.name).withUnsafeBytes { first.elementsEqual($0) }
        }
      }
  }

  private func chart(_ rows: [StorageRow]) -> Chart {
    .scatter(
      XYChart(
        name: "perplexity-bytes", title: "Perplexity and bytes of the blocks",
        x: ChartAxis("block weights", unit: "MB", scale: .logarithmic),
        y: ChartAxis("WikiText-2 perplexity", scale: .logarithmic),
        series: [("dense weights", false), ("shared factors", true)].map { title, isFactored in
          ChartSeries(
            title,
            points: rows.filter { $0.name.contains("factors") == isFactored }.map {
              ChartPoint(x: 1e-6 * Double($0.blockBytes), y: $0.perplexity, label: $0.name)
            })
        }))
  }

  private func number(_ value: Double?) -> String { MeasuredValue(value ?? 0, decimals: 2).text }
}
