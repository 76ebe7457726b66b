import LanguageModel
import ReproductionKit

/// Claims 2, 4 and 6: perplexities of the compressors, presets, refits and group sizes.
struct PerplexityStudy {
  /// One compressed model.
  struct Row {
    let method: String
    let groupSize: Int
    let ratio: Double
    let plan: SharingPlan
    let score: Workbench.Score
  }

  let bench: Workbench
  private let dense: Workbench.Score
  private let rows: [Row]

  /// What is compressed how.
  private struct Variant {
    let name: String
    let shared: Set<LinearSite>
    let groupSize: Int
    let ratio: Double
    var refit = RefitMode.none
    var metric = WeightMetric.whitened

    var method: String { name + (refit == .none ? "" : " + \(refit.rawValue) refit") }
    /// The name of the step of the run.
    var step: String {
      "\(method) n\(groupSize) r\(Int(100 * ratio))".replacingOccurrences(of: " + ", with: "-")
        .replacingOccurrences(of: " ", with: "-")
    }
  }

  /// Evaluates everything that the scale asks for.
  ///
  /// - Parameter auto: The types that gain behind a refit.
  init(_ bench: Workbench, auto: Set<LinearSite>, _ progress: ProgressReporter) throws {
    self.bench = bench
    let variants = Self.variants(bench, auto)
    let share = 1 / Double(variants.count + 1)
    dense = try bench.score("dense", progress.phase("dense", to: share)) { bench.subject.model }
    rows = try variants.enumerated().map { index, variant in
      let plan = try SharingPlan.paper(
        shared: variant.shared, groupSize: variant.groupSize, ratio: variant.ratio, shapes: bench.shapes)
      let phase = progress.phase(
        variant.step, from: Double(index + 1) * share, to: Double(index + 2) * share)
      let score = try bench.score(variant.step, phase) {
        try bench.compressed(plan, refit: variant.refit, metric: variant.metric).model()
      }
      if variant.metric != .whitened { bench.release(variant.metric) }
      return Row(
        method: variant.method, groupSize: variant.groupSize, ratio: variant.ratio, plan: plan, score: score)
    }
  }

  private static func variants(_ bench: Workbench, _ auto: Set<LinearSite>) -> [Variant] {
    let isFull = bench.workload.isFull
    let ratios = bench.workload.ratios
    var result: [Variant] = []
    for ratio in ratios {
      result.append(Variant(name: "SVD-LLM", shared: [], groupSize: 1, ratio: ratio))
      // Beyond the first ratio the quick scale shows one shared plan, the better one.
      let presets = [("gqa", SharingPreset.gqa), ("llama", .llama)].suffix(isFull || ratio == ratios[0] ? 2 : 1)
      for (name, preset) in presets {
        result.append(Variant(name: name, shared: preset.shared, groupSize: 2, ratio: ratio))
        if isFull || (ratio == ratios[0] && preset == .gqa) {
          result.append(Variant(name: name, shared: preset.shared, groupSize: 2, ratio: ratio, refit: .own))
        }
      }
      if isFull && !auto.isEmpty {
        result.append(Variant(name: "auto", shared: auto, groupSize: 2, ratio: ratio))
        result.append(Variant(name: "auto", shared: auto, groupSize: 2, ratio: ratio, refit: .own))
      }
      if ratio == ratios[0] {
        result.append(Variant(name: "all", shared: SharingPreset.all.shared, groupSize: 2, ratio: ratio))
      }
    }
    guard isFull else { return result }
    result.append(
      Variant(name: "gqa", shared: SharingPreset.gqa.shared, groupSize: 2, ratio: 0.2, refit: .alternating))
    for ratio in bench.workload.criterionRatios {
      for size in bench.workload.groupSizes where size > 2 && size <= bench.shapes.layers {
        result.append(Variant(name: "llama", shared: SharingPreset.llama.shared, groupSize: size, ratio: ratio))
      }
    }
    result.append(Variant(name: "plain SVD", shared: [], groupSize: 1, ratio: 0.2, metric: .plain))
    result.append(Variant(name: "ASVD", shared: [], groupSize: 1, ratio: 0.2, metric: .diagonal(alpha: 0.5)))
    return result
  }

  /// The perplexity of a method on the main text.
  func perplexity(_ method: String, _ ratio: Double, groupSize: Int? = nil) -> Double? {
    rows.first { $0.method == method && $0.ratio == ratio && (groupSize ?? $0.groupSize) == $0.groupSize }?
      .score.first.value
  }

  /// ln of the dense model's perplexity.
  var denseLoss: Double { dense.first.meanLoss }

  func result() -> StudyResult {
    var result = StudyResult()
    result.claims = [whitening(), privateTypes(), plainPresets(), refitted(), higherRatios(), groupSizes()]
    result.tables = [table()]
    result.charts = [ratioChart()]
    if bench.workload.isFull { result.charts.append(groupChart()) }
    return result
  }

  // MARK: Claims

  private func whitening() -> Claim {
    let statement = "whitening matters: perplexity of plain SVD over SVD-LLM at 20 %"
    guard let plain = perplexity("plain SVD", 0.2), let whitened = perplexity("SVD-LLM", 0.2) else {
      return .notTested(
        id: "2", statement: statement, paperValue: "20061 / 7.94", criterion: .atLeast(100),
        reason: "plain SVD is part of the full scale")
    }
    return bench.subject.claim(
      "2", statement, paper: "20061 / 7.94", [MeasuredValue(plain / whitened, unit: "×", decimals: 0)], .atLeast(100),
      note: "ASVD: \(number(perplexity("ASVD", 0.2) ?? 0))")
  }

  private func privateTypes() -> Claim {
    bench.subject.claim(
      "4a", "sharing output and down too is worse than keeping them private, 20 %, n = 2: perplexities",
      [
        MeasuredValue(perplexity("llama", 0.2) ?? 0, label: "llama", decimals: 2),
        MeasuredValue(perplexity("all", 0.2) ?? 0, label: "all seven", decimals: 2),
      ], .ordered(.strictlyAscending))
  }

  private func plainPresets() -> Claim {
    let best = min(perplexity("gqa", 0.2) ?? .infinity, perplexity("llama", 0.2) ?? .infinity)
    return bench.subject.claim(
      "4b", "the paper's plain presets beat SVD-LLM at 20 %: perplexities", paper: "7.74 < 7.94 (LLaMA-7B)",
      [
        MeasuredValue(best, label: "best preset, n = 2", decimals: 2),
        MeasuredValue(perplexity("SVD-LLM", 0.2) ?? 0, label: "SVD-LLM", decimals: 2),
      ], .ordered(.strictlyAscending),
      note: best < perplexity("SVD-LLM", 0.2) ?? 0
        ? "unlike reference runs on more calibration text, where the presets lose"
        : "query and key of a thin model are low-rank already, and pooled Grams charge every layer with its neighbour's inputs: "
          + "that costs more than the extra rank brings")
  }

  private func refitted() -> Claim {
    let names = ["gqa", "llama", "auto"].map { $0 + " + own refit" }
    let found = names.compactMap { name in perplexity(name, 0.2).map { (name, $0) } }
    let best = found.min { $0.1 < $1.1 }
    return bench.subject.claim(
      "4c", "with an own-Gram refit, a paper preset or the automatic types beat SVD-LLM at 20 %: perplexities",
      [
        MeasuredValue(best?.1 ?? 0, label: best?.0 ?? "", decimals: 2),
        MeasuredValue(perplexity("SVD-LLM", 0.2) ?? 0, label: "SVD-LLM", decimals: 2),
      ], .ordered(.strictlyAscending),
      note: found.map { "\($0.0) \(number($0.1))" }.joined(separator: ", "))
  }

  private func higherRatios() -> Claim {
    let values = bench.workload.ratios.dropFirst().map { ratio -> String in
      let shared = ["gqa", "llama", "gqa + own refit", "llama + own refit", "auto + own refit"].compactMap {
        perplexity($0, ratio)
      }.min()
      return
        "\(Int(100 * ratio)) %: \(number(shared ?? 0)) shared, \(number(perplexity("SVD-LLM", ratio) ?? 0)) SVD-LLM"
    }
    return bench.subject.claim(
      "4d", "best shared plan over SVD-LLM at \(Int(100 * (bench.workload.ratios.last ?? 0))) %",
      paper: "19.99 < 23.97 (LLaMA-7B)",
      [
        MeasuredValue(
          (["gqa", "llama", "gqa + own refit", "llama + own refit", "auto + own refit"].compactMap {
            perplexity($0, bench.workload.ratios.last ?? 0)
          }.min() ?? 0) / (perplexity("SVD-LLM", bench.workload.ratios.last ?? 0) ?? 1), unit: "×", decimals: 3)
      ], .reported, note: values.joined(separator: "; "))
  }

  private func groupSizes() -> Claim {
    let statement = "group size: the llama preset with n = 5 is worse than with n = 2 at 50 %: perplexities"
    guard let two = perplexity("llama", 0.5, groupSize: 2), let five = perplexity("llama", 0.5, groupSize: 5) else {
      return .notTested(
        id: "6", statement: statement, paperValue: "24.45 > 19.99", criterion: .ordered(.strictlyAscending),
        reason: "n = 5 is part of the full scale")
    }
    return bench.subject.claim(
      "6", statement, paper: "24.45 > 19.99",
      [MeasuredValue(two, label: "n = 2", decimals: 2), MeasuredValue(five, label: "n = 5", decimals: 2)],
      .ordered(.strictlyAscending))
  }

  // MARK: Tables and charts

  private func table() -> Table {
    let hasSecond = bench.secondTest != nil
    var table = Table(
      title: "Perplexity of \(bench.subject.name), no recovery",
      caption:
        "Windows of \(bench.workload.window) tokens, first token unpredicted: \(bench.workload.windows) of WikiText-2"
        + (hasSecond ? ", \(bench.workload.secondWindows) of PTB" : "")
        + "; \(bench.workload.calibrationWindows) calibration windows. Parameters and multiply-adds of the blocks, relative to dense.",
      columns: [
        .text("method"), .number("n"), .number("ratio", unit: "%", decimals: 0),
        .number("parameters", decimals: 3), .number("multiply-adds", decimals: 3), .number("WikiText-2", decimals: 2),
      ] + (hasSecond ? [.number("PTB", decimals: 2)] : []))
    func values(_ score: Workbench.Score) -> [TableCell] {
      [.number(score.first.value)] + (hasSecond ? [score.second.map { .number($0.value) } ?? nil] : [])
    }
    table.append(["dense", nil, .number(0), .number(1), .number(1)] + values(dense))
    let total = Double(bench.shapes.blockParameters)
    for row in rows {
      table.append(
        [
          .text(row.method), .integer(row.groupSize), .number(100 * row.ratio),
          .number(Double(row.plan.parameters(bench.shapes)) / total),
          .number(Double(row.plan.multiplyAdds(bench.shapes)) / total),
        ] + values(row.score))
    }
    return table
  }

  private func ratioChart() -> Chart {
    var methods: [String] = []
    for row in rows where row.groupSize <= 2 && !methods.contains(row.method) { methods.append(row.method) }
    return .line(
      XYChart(
        name: "perplexity-ratio", title: "Perplexity and ratio, n = 2", x: ChartAxis("parameters removed", unit: "%"),
        y: ChartAxis("WikiText-2 perplexity", scale: .logarithmic),
        series: methods.compactMap { method in
          let own = rows.filter { $0.method == method && $0.groupSize <= 2 }
          guard own.count > 1 else { return nil }
          return ChartSeries(
            method, x: own.map { 100 * $0.ratio }, y: own.map(\.score.first.value), connection: .inOrder)
        }, references: [.y(dense.first.value, "dense")]))
  }

  private func groupChart() -> Chart {
    .line(
      XYChart(
        name: "perplexity-group-size", title: "Perplexity and group size", caption: "llama preset; n = 1 is SVD-LLM.",
        x: ChartAxis("layers per group"), y: ChartAxis("WikiText-2 perplexity", scale: .logarithmic),
        series: bench.workload.criterionRatios.map { ratio in
          let own = rows.filter {
            $0.ratio == ratio && ($0.method == "llama" || $0.method == "SVD-LLM")
          }.sorted { $0.groupSize < $1.groupSize }
          return ChartSeries(
            "\(Int(100 * ratio)) %", x: own.map { Double($0.groupSize) }, y: own.map(\.score.first.value),
            connection: .inOrder)
        }))
  }

  private func number(_ value: Double) -> String { MeasuredValue(value, decimals: 2).text }
}
