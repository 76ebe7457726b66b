import LanguageModel
import ReproductionKit
import TinyTensor

/// Claim 8, and the rate at which Grams accumulate.
struct SpeedStudy {
  let bench: Workbench

  private struct Rates: Codable {
    /// Tokens per second by model.
    var prefill: [String: Double]
    var decode: [String: Double]
    /// Useful GFLOP/s of a Gram over GFLOP/s of a product of the same shape, by input width.
    var gram: [String: Double]
  }

  private static let decoded = 16

  func run(_ progress: ProgressReporter) throws -> StudyResult {
    let rates = try bench.context.step("speed", as: Rates.self) {
      progress.report(0, "tokens per second")
      return try measure(progress)
    }
    let dense = rates.prefill["dense"] ?? 1
    func gain(_ name: String) -> Double { (rates.prefill[name] ?? 0) / dense }
    var table = Table(
      title: "Tokens per second, 32-bit floats, interleaved medians",
      caption: "Prefill of \(bench.workload.prefill) tokens; decode behind it, one token at a time.",
      columns: [
        .text("model"), .number("prefill", decimals: 0), .number("× dense", decimals: 2),
        .number("decode", decimals: 1),
        .number("× dense", decimals: 2), .number("multiply-adds", decimals: 3),
      ])
    for (name, plan) in try models() {
      let decode = rates.decode[name] ?? 0
      table.append([
        .text(name), .number(rates.prefill[name] ?? 0), .number(gain(name)), .number(decode),
        .number(decode / (rates.decode["dense"] ?? 1)),
        .number(plan.map { Double($0.multiplyAdds(bench.shapes)) / Double(bench.shapes.blockParameters) } ?? 1),
      ])
    }
    let gram = rates.gram.sorted { $0.key < $1.key }
    return StudyResult(
      claims: [
        bench.subject.claim(
          "8", "speed: prefill of the gqa model at 50 % over dense", paper: "1.57× (A100)",
          [MeasuredValue(gain("gqa 50 %"), unit: "×", decimals: 2)], .atLeast(1.25),
          note: "multiply-adds bound it by 1.80×; at 20 % \(MeasuredValue(gain("gqa 20 %"), decimals: 2).text)×, "
            + (gain("gqa 20 %") < 1 ? "slower than dense" : "not slower than dense") + "; decode at 50 % "
            + MeasuredValue((rates.decode["gqa 50 %"] ?? 0) / (rates.decode["dense"] ?? 1), decimals: 2).text + "×"),
        Claim(
          id: "G", statement: "Grams accumulate at 60 % or more of the rate of a matrix product of the same shape",
          measured: gram.map { MeasuredValue($0.value, label: "width \($0.key)", decimals: 2) },
          criterion: .atLeast(0.6),
          note: "useful operations only: the triangle, T · d · (d + 1)"),
      ], tables: [table], charts: [chart(rates)])
  }

  private func models() throws -> [(name: String, plan: SharingPlan?)] {
    let shapes = bench.shapes
    return [
      ("dense", nil),
      ("SVD-LLM 20 %", try .paper(shared: [], groupSize: 1, ratio: 0.2, shapes: shapes)),
      ("gqa 20 %", try .paper(shared: SharingPreset.gqa.shared, groupSize: 2, ratio: 0.2, shapes: shapes)),
      ("SVD-LLM 50 %", try .paper(shared: [], groupSize: 1, ratio: 0.5, shapes: shapes)),
      ("gqa 50 %", try .paper(shared: SharingPreset.gqa.shared, groupSize: 2, ratio: 0.5, shapes: shapes)),
    ]
  }

  private func measure(_ progress: ProgressReporter) throws -> Rates {
    let tokens = Array(bench.subject.test.prefix(bench.workload.prefill))
    var prefill: [(name: String, body: () throws -> Void)] = []
    var decode: [(name: String, body: () throws -> Void)] = []
    for (name, plan) in try models() {
      let model =
        try plan.map { try bench.compressed($0).model() }
        ?? QuantizedDense.model(bench.subject.model, as: .f32).model
      var context = model.makeCache()
      _ = try model.forward(tokens, cache: &context, logits: .last)
      let start = context
      prefill.append(
        (
          name,
          {
            var cache = model.makeCache()
            _ = try model.forward(tokens, cache: &cache, logits: .last)
          }
        ))
      decode.append(
        (
          name,
          {
            var cache = start
            for _ in 0..<Self.decoded { _ = try model.forward([tokens[0]], cache: &cache, logits: .last) }
          }
        ))
    }
    try bench.context.checkCancellation()
    let timer = InterleavedTimer(rounds: 3, warmUpRounds: 0)
    let first = try timer.measure(prefill)
    progress.report(0.6, "tokens per second")
    let second = try timer.measure(decode)
    return Rates(
      prefill: Dictionary(
        uniqueKeysWithValues: first.names.map { ($0, Double(tokens.count) / first.median($0).value) }),
      decode: Dictionary(
        uniqueKeysWithValues: second.names.map { ($0, Double(Self.decoded) / second.median($0).value) }),
      gram: try gramRates())
  }

  private func gramRates() throws -> [String: Double] {
    let tokens = bench.workload.window
    var result: [String: Double] = [:]
    for width in Set([bench.shapes.inputs(.query), bench.shapes.inputs(.down)]) {
      var random = Philox(seed: bench.context.seed, stream: "gram rate")
      let x = Tensor.normal([tokens, width], mean: 0, standardDeviation: 1, using: &random)
      var store = GramStore()
      let timing = try InterleavedTimer(rounds: 7, minimumSampleSeconds: 0.05).measure([
        ("gram", { try store.accumulate(x, site: .down, layer: 0) }),
        ("product", { _ = matmul(x, x, transposeA: true) }),
      ])
      let share = Double(width + 1) / Double(2 * width)
      result["\(width)"] = share * timing.ratio("product", over: "gram").value
    }
    return result
  }

  private func chart(_ rates: Rates) -> Chart {
    let names = rates.prefill.keys.sorted { (rates.prefill[$0] ?? 0) < (rates.prefill[$1] ?? 0) }
    return .bar(
      BarChart(
        name: "throughput", title: "Prefill, tokens per second", categories: names, y: ChartAxis("tokens/s", lower: 0),
        series: [BarChart.Series("prefill", names.map { (rates.prefill[$0] ?? 0).rounded() })]))
  }
}
