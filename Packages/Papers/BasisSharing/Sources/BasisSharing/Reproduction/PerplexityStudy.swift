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
  private var rows: [Row] = []

  /// Evaluates everything that the scale asks for.
  ///
  /// - Parameter auto: The types that gain behind a refit.
  init(_ bench: Workbench, auto: Set<LinearSite>, _ progress: ProgressReporter) throws {
    self.bench = bench
    dense = try bench.score("dense", progress) { bench.subject.model }
    let isFull = bench.workload.isFull
    let ratios = bench.workload.ratios
    for ratio in ratios {
      try add("SVD-LLM", [], 1, ratio, progress)
      for (name, preset) in [("gqa", SharingPreset.gqa), ("llama", .llama)] {
        try add(name, preset.shared, 2, ratio, progress)
        if isFull || (ratio == ratios[0] && preset == .gqa) {
          try add(name, preset.shared, 2, ratio, refit: .own, progress)
        }
      }
      if isFull && !auto.isEmpty {
        try add("auto", auto, 2, ratio, progress)
        try add("auto", auto, 2, ratio, refit: .own, progress)
      }
      if ratio == ratios[0] { try add("all", SharingPreset.all.shared, 2, ratio, progress) }
    }
    guard isFull else { return }
    try add("gqa", SharingPreset.gqa.shared, 2, 0.2, refit: .alternating, progress)
    for ratio in bench.workload.criterionRatios {
      for size in bench.workload.groupSizes where size > 2 && size <= bench.shapes.layers {
        try add("llama", SharingPreset.llama.shared, size, ratio, progress)
      }
    }
    try add("plain SVD", [], 1, 0.2, metric: .plain, progress)
    bench.release(.plain)
    try add("ASVD", [], 1, 0.2, metric: .diagonal(alpha: 0.5), progress)
    bench.release(.diagonal(alpha: 0.5))
  }

  private mutating func add(
    _ name: String, _ shared: Set<LinearSite>, _ size: Int, _ ratio: Double, refit: RefitMode = .none,
    metric: WeightMetric = .whitened, _ progress: ProgressReporter
  ) throws {
    let plan = try SharingPlan.paper(shared: shared, groupSize: size, ratio: ratio, shapes: bench.shapes)
    let method = name + (refit == .none ? "" : " + \(refit.rawValue) refit")
    let step = "\(method) n\(size) r\(Int(100 * ratio))".replacingOccurrences(of: " + ", with: "-")
      .replacingOccurrences(of: " ", with: "-")
    let score = try bench.score(step, progress) { [bench] in
      try bench.compressed(plan, refit: refit, metric: metric).model()
    }
    rows.append(Row(method: method, groupSize: size, ratio: ratio, plan: plan, score: score))
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
