import LanguageModel
import ReproductionKit
import TinyTensor

/// Claim 8, and the rate at which Grams accumulate.
struct SpeedStudy {
  let bench: Workbench

  private struct Rates: Codable {
    /// By model, in the order of the table.
    var models: [Throughput]
    /// Useful GFLOP/s of a Gram over GFLOP/s of a product of the same shape, by input width.
    var gram: [String: Double]
  }

  private static let decoded = 16

  func run(_ progress: ProgressReporter) throws -> StudyResult {
    let rates = try bench.context.step("speed", as: Rates.self) {
      progress.report(0, "tokens per second")
      return try measure(progress)
    }
    let models = try models()
    let dense = rates.models[0]
    func gain(_ name: String, _ rate: (Throughput) -> Double) -> Double {
      models.firstIndex { $0.name == name }.map { rate(rates.models[$0]) / rate(dense) } ?? 0
    }
    var table = Table(
      title: "Tokens per second, 32-bit floats, interleaved medians",
      caption: "Prefill of \(bench.workload.prefill) tokens; decode behind it, one token at a time.",
      columns: [
        .text("model"), .number("prefill", decimals: 0), .number("× dense", decimals: 2),
        .number("decode", decimals: 1),
        .number("× dense", decimals: 2), .number("multiply-adds", decimals: 3),
      ])
    for ((name, plan), rate) in zip(models, rates.models) {
      table.append([
        .text(name), .number(rate.prefill), .number(rate.prefill / dense.prefill), .number(rate.decode),
        .number(rate.decode / dense.decode),
        .number(plan.map { Double($0.multiplyAdds(bench.shapes)) / Double(bench.shapes.blockParameters) } ?? 1),
      ])
    }
    let atTwenty = gain("gqa 20 %", \.prefill)
    let gram = rates.gram.sorted { $0.key < $1.key }
    return StudyResult(
      claims: [
        bench.subject.claim(
          "8", "speed: prefill of the gqa model at 50 % over dense", paper: "1.57× (A100)",
          [MeasuredValue(gain("gqa 50 %", \.prefill), unit: "×", decimals: 2)], .atLeast(1.25),
          note: "multiply-adds bound it by 1.80×; at 20 % \(MeasuredValue(atTwenty, decimals: 2).text)×, "
            + (atTwenty < 1 ? "slower than dense" : "not slower than dense") + "; decode at 50 % "
            + MeasuredValue(gain("gqa 50 %", \.decode), decimals: 2).text + "×"),
        Claim(
          id: "G", statement: "Grams accumulate at 60 % or more of the rate of a matrix product of the same shape",
          measured: gram.map { MeasuredValue($0.value, label: "width \($0.key)", decimals: 2) },
          criterion: .atLeast(0.6),
          note: "useful operations only: the triangle, T · d · (d + 1)"),
      ], tables: [table], charts: [chart(models.map(\.name), rates.models)])
  }

  private func models() throws -> [(name: String, plan: SharingPlan?)] {
    let shapes = bench.shapes
    let all: [(name: String, plan: SharingPlan?)] = [
      ("dense", nil),
      ("SVD-LLM 20 %", try .paper(shared: [], groupSize: 1, ratio: 0.2, shapes: shapes)),
      ("gqa 20 %", try .paper(shared: SharingPreset.gqa.shared, groupSize: 2, ratio: 0.2, shapes: shapes)),
      ("SVD-LLM 50 %", try .paper(shared: [], groupSize: 1, ratio: 0.5, shapes: shapes)),
      ("gqa 50 %", try .paper(shared: SharingPreset.gqa.shared, groupSize: 2, ratio: 0.5, shapes: shapes)),
    ]
    return all.filter { bench.workload.isFull || !$0.name.hasPrefix("SVD-LLM") }
  }

  private func measure(_ progress: ProgressReporter) throws -> Rates {
    let models = try models().map { _, plan in
      try bench.context.checkCancellation()
      return try plan.map { try bench.compressed($0).model() }
        ?? QuantizedDense.model(bench.subject.model, as: .f32).model
    }
    let rates = try Throughput.measure(
      models, prompt: Array(bench.subject.test.prefix(bench.workload.prefill)), decoded: Self.decoded, rounds: 3)
    progress.report(0.8, "rate of the Grams")
    return Rates(models: rates, gram: try gramRates())
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

  private func chart(_ names: [String], _ rates: [Throughput]) -> Chart {
    let sorted = zip(names, rates).sorted { $0.1.prefill < $1.1.prefill }
    return .bar(
      BarChart(
        name: "throughput", title: "Prefill, tokens per second", categories: sorted.map(\.0),
        y: ChartAxis("tokens/s", lower: 0),
        series: [BarChart.Series("prefill", sorted.map { $0.1.prefill.rounded() })]))
  }
}
