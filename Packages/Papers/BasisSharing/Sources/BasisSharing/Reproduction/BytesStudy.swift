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
    let blockBytes: Int
    let totalBytes: Int
    let perplexity: Double
    let secondPerplexity: Double?
    let prefill: Double
    let decode: Double
  }

  func run(_ progress: ProgressReporter) async throws -> StudyResult {
    var rows = [
      try row("\(bench.subject.file.tensors.first { $0.name.contains("ffn_up") }?.type.name ?? "") (the file)") {
        try LlamaModel(bench.subject.file)
      }
    ]
    for type in [TensorType.q8_0, .q5_1, .q4_0] where type == .q8_0 || type == .q4_0 || bench.workload.isFull {
      progress.report(0.1, type.name)
      rows.append(
        try row("\(type.name) dense") {
          try QuantizedDense.model(bench.subject.model, as: type).model.with(numerics: .fast)
        })
    }
    let url = try file(ratio: 0.2, .q8_0, progress)
    rows.append(try row("gqa 20 %, Q8_0 factors") { try LlamaModel(ModelFile(contentsOf: url)) })
    if bench.workload.isFull {
      let small = try file(ratio: 0.2, .q4_0, progress)
      rows.append(try row("gqa 20 %, Q4_0 factors") { try LlamaModel(ModelFile(contentsOf: small)) })
      let half = try file(ratio: 0.5, .q8_0, progress)
      rows.append(try row("gqa 50 %, Q8_0 factors") { try LlamaModel(ModelFile(contentsOf: half)) })
      rows.append(
        try row("20 % of the layers dropped") {
          try bench.subject.model.skipping(layers: LayerDropping.layers(ratio: 0.2, of: bench.shapes.layers))
            .with(numerics: .fast)
        })
    }
    let reply = try await bench.context.step("reply", as: String.self) {
      let chat = try LocalChatModel(contentsOf: url)
      return try await chat.reply(to: ChatRequest([.user("What is a language model?")], maximumTokens: 24)).text
    }
    return try result(rows, url, reply)
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

  private func row(_ name: String, _ model: () throws -> LlamaModel) throws -> Row {
    let step = "bytes-" + name.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "_" }
    return try bench.context.step(step, as: Row.self) {
      let model = try model()
      let workload = bench.workload
      let first = try model.perplexity(of: bench.subject.test, window: workload.window, windows: workload.windows)
      let second =
        workload.isFull
        ? try bench.subject.secondTest.map {
          try model.perplexity(of: $0, window: workload.window, windows: workload.secondWindows).value
        } : nil
      let (prefill, decode) = try speed(model)
      let blocks = blockBytes(model)
      return Row(
        name: name, blockBytes: blocks.used, totalBytes: model.weightBytes - blocks.skipped, perplexity: first.value,
        secondPerplexity: second, prefill: prefill, decode: decode)
    }
  }

  /// Bytes of the block matrices of layers that run, and of those that are skipped; a shared basis counts once.
  private func blockBytes(_ model: LlamaModel) -> (used: Int, skipped: Int) {
    var bytes = (used: 0, skipped: 0)
    var bases: Set<String> = []
    for layer in 0..<model.config.layers {
      for site in LinearSite.allCases {
        var count = 0
        switch model.linear(LinearAddress(layer: layer, site: site)) {
        case let dense as DenseLinear: count = dense.byteCount
        case let factored as FactoredLinear:
          count = factored.coefficients.byteCount
          if bases.insert(factored.basis.identifier).inserted { count += factored.basis.byteCount }
        default: break
        }
        if model.skippedLayers.contains(layer) { bytes.skipped += count } else { bytes.used += count }
      }
    }
    return bytes
  }

  /// Tokens per second of prefill and decode.
  private func speed(_ model: LlamaModel) throws -> (Double, Double) {
    let tokens = Array(bench.subject.test.prefix(bench.workload.prefill))
    var cache = model.makeCache()
    let decoded = 24
    let timing = try InterleavedTimer(rounds: 3, warmUpRounds: 1).measure([
      (
        "prefill",
        {
          cache = model.makeCache()
          _ = try model.forward(tokens, cache: &cache, logits: .last)
        }
      ),
      (
        "decode",
        { for _ in 0..<decoded { _ = try model.forward([tokens[0]], cache: &cache, logits: .last) } }
      ),
    ])
    return (Double(tokens.count) / timing.median("prefill").value, Double(decoded) / timing.median("decode").value)
  }

  private func table(_ rows: [Row]) -> Table {
    var table = Table(
      title: "What the bytes buy",
      caption:
        "Weights in memory, padding included, with the embedding in the file's own format; fast numerics, speed on this machine with "
        + "other work possibly running. \"gqa\": n = 2 with an own-Gram refit, written and loaded again. "
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
