import Foundation
import LanguageModel
import ReproductionKit

/// Claim 9: bytes, perplexity and speed of what users really choose between, files written and loaded again.
struct BytesStudy {
  let bench: Workbench
  let perplexities: PerplexityStudy

  /// One way to store the model.
  private struct Row: Codable {
    let name: String
    /// Bytes of the block matrices and of all weights, as a file holds them.
    let blockBytes: Int
    let totalBytes: Int
    let perplexity: Double
    let secondPerplexity: Double?
    var prefill = 0.0
    var decode = 0.0
  }

  /// How to get at a model, and its block bytes.
  private struct Candidate {
    let name: String
    let blockBytes: Int
    let model: () throws -> LlamaModel
  }

  func run(_ progress: ProgressReporter) async throws -> StudyResult {
    let source = bench.subject.file
    let original = source.tensors.first { $0.name == LlamaTensor.up(layer: 0).name }?.type ?? .f32
    var candidates = [
      Candidate(name: "\(original.name) (the file)", blockBytes: blockBytes(source)) { try LlamaModel(source) }
    ]
    for type in [TensorType.q8_0, .q5_1, .q4_0] where type != .q5_1 || bench.workload.isFull {
      candidates.append(
        Candidate(name: "\(type.name) dense", blockBytes: type.byteCount(columns: bench.shapes.blockParameters)) {
          try QuantizedDense.model(bench.subject.model, as: type).model.with(numerics: .fast)
        })
    }
    let url = try file(ratio: 0.2, .q8_0, progress)
    candidates.append(try candidate("gqa 20 %, Q8_0 factors", url))
    if bench.workload.isFull {
      candidates.append(try candidate("gqa 20 %, Q4_0 factors", file(ratio: 0.2, .q4_0, progress)))
      candidates.append(try candidate("gqa 50 %, Q8_0 factors", file(ratio: 0.5, .q8_0, progress)))
      let dropped = LayerDropping.layers(ratio: 0.2, of: bench.shapes.layers)
      let kept = bench.shapes.layers - dropped.count
      candidates.append(
        Candidate(
          name: "20 % of the layers dropped", blockBytes: blockBytes(source) * kept / bench.shapes.layers
        ) { try bench.subject.model.skipping(layers: dropped).with(numerics: .fast) })
    }
    var rows = try candidates.map { candidate in
      progress.report(0.5, candidate.name)
      return try row(candidate)
    }
    let rates = try bench.context.step("bytes-speed", as: [[Double]].self) { try speeds(candidates) }
    for index in rows.indices { (rows[index].prefill, rows[index].decode) = (rates[0][index], rates[1][index]) }
    let reply = try await bench.context.step("reply", as: String.self) {
      let chat = try LocalChatModel(contentsOf: url)
      return try await chat.reply(to: ChatRequest([.user("What is a language model?")], maximumTokens: 24)).text
    }
    return try result(rows, url, reply)
  }

  private func candidate(_ name: String, _ url: URL) throws -> Candidate {
    let file = try ModelFile(contentsOf: url)
    return Candidate(name: name, blockBytes: blockBytes(file)) { try LlamaModel(file) }
  }

  /// Bytes of the matrices of the layers, dense ones and factors.
  private func blockBytes(_ file: ModelFile) -> Int {
    file.tensors.filter { $0.name.hasPrefix("share.") || ($0.name.hasPrefix("blk.") && $0.rows > 1) }
      .reduce(0) { $0 + $1.byteCount }
  }

  private func result(_ rows: [Row], _ url: URL, _ reply: String) throws -> StudyResult {
    let compressed = rows.first { $0.name == "gqa 20 %, Q8_0 factors" }
    let four = rows.first { $0.name == "Q4_0 dense" }
    let equal = try bench.context.step("reloaded", as: Bool.self) { try isReloadedExactly(url) }
    var result = StudyResult(tables: [table(rows)], charts: [chart(rows)])
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

  private func row(_ candidate: Candidate) throws -> Row {
    let step = "stored-" + candidate.name.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "_" }
    return try bench.context.step(step, as: Row.self) {
      let model = try candidate.model()
      let workload = bench.workload
      let first = try model.perplexity(of: bench.subject.test, window: workload.window, windows: workload.windows)
      let second =
        workload.isFull
        ? try bench.subject.secondTest.map {
          try model.perplexity(of: $0, window: workload.window, windows: workload.secondWindows).value
        } : nil
      let source = bench.subject.file
      let others = source.tensors.reduce(0) { $0 + $1.byteCount } - blockBytes(source)
      return Row(
        name: candidate.name, blockBytes: candidate.blockBytes, totalBytes: candidate.blockBytes + others,
        perplexity: first.value, secondPerplexity: second)
    }
  }

  /// Tokens per second of prefill and decode of every candidate, timed in turn.
  private func speeds(_ candidates: [Candidate]) throws -> [[Double]] {
    let tokens = Array(bench.subject.test.prefix(bench.workload.prefill))
    let decoded = 24
    var prefill: [(name: String, body: () throws -> Void)] = []
    var decode: [(name: String, body: () throws -> Void)] = []
    for candidate in candidates {
      let model = try candidate.model()
      var start = model.makeCache()
      _ = try model.forward(tokens, cache: &start, logits: .last)
      let context = start
      prefill.append(
        (
          candidate.name,
          {
            var cache = model.makeCache()
            _ = try model.forward(tokens, cache: &cache, logits: .last)
          }
        ))
      decode.append(
        (
          candidate.name,
          {
            var cache = context
            for _ in 0..<decoded { _ = try model.forward([tokens[0]], cache: &cache, logits: .last) }
          }
        ))
    }
    let timer = InterleavedTimer(rounds: 5, warmUpRounds: 0)
    let (first, second) = (try timer.measure(prefill), try timer.measure(decode))
    return [
      candidates.map { Double(tokens.count) / first.median($0.name).value },
      candidates.map { Double(decoded) / second.median($0.name).value },
    ]
  }

  private func table(_ rows: [Row]) -> Table {
    var table = Table(
      title: "What the bytes buy",
      caption:
        "Weights as a file holds them, with the embedding in the file's own format; 8-bit activations, speeds timed in turn. "
        + "\"gqa\": n = 2 with an own-Gram refit, written and loaded again. "
        + "32-bit dense weights would be \(4 * bench.shapes.blockParameters / 1_000_000) MB of blocks.",
      columns: [
        .text("model"), .number("blocks", unit: "MB", decimals: 1), .number("all", unit: "MB", decimals: 1),
        .number("WikiText-2", decimals: 2), .number("PTB", decimals: 2),
        .number("prefill", unit: "tokens/s", decimals: 0),
        .number("decode", unit: "tokens/s", decimals: 0),
      ])
    for row in rows {
      table.append([
        .text(row.name), .number(1e-6 * Double(row.blockBytes)), .number(1e-6 * Double(row.totalBytes)),
        .number(row.perplexity), row.secondPerplexity.map { .number($0) } ?? nil, .number(row.prefill),
        .number(row.decode),
      ])
    }
    return table
  }

  private func chart(_ rows: [Row]) -> Chart {
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
