import LanguageModel
import ReproductionKit

/// Claim 3: for which types sharing gains, by three criteria.
struct SelectionStudy {
  let bench: Workbench

  /// The verdicts on all adjacent pairs.
  func verdicts(_ progress: ProgressReporter) throws -> [Double: [SharingCriterion.Verdict]] {
    let ratios = bench.workload.criterionRatios
    let pairs = SharingCriterion.pairs(layers: bench.shapes.layers)
    var result: [Double: [SharingCriterion.Verdict]] = [:]
    for (index, site) in LinearSite.allCases.enumerated() {
      let found = try bench.context.step("pairs-\(site.rawValue)", as: [[SharingCriterion.Verdict]].self) {
        try bench.decomposeSingles(site)
        return try SharingCriterion(bench.compressor()).judge(
          site, pairs, ratios: ratios, isCancelled: { bench.context.isCancelled })
      }
      for (position, ratio) in ratios.enumerated() { result[ratio, default: []] += found.map { $0[position] } }
      progress.report(index + 1, of: LinearSite.allCases.count, "pairs of \(site.rawValue)")
    }
    return result
  }

  func result(_ verdicts: [Double: [SharingCriterion.Verdict]]) throws -> StudyResult {
    let count = SharingCriterion.pairs(layers: bench.shapes.layers).count
    let at20 = verdicts[0.2] ?? []
    func wins(_ site: LinearSite, _ test: (SharingCriterion.Verdict) -> Bool) -> Int {
      at20.count { $0.site == site && test($0) }
    }
    func measured(_ sites: [LinearSite], _ test: (SharingCriterion.Verdict) -> Bool) -> [MeasuredValue] {
      sites.map { MeasuredValue(Double(wins($0, test)), label: $0.rawValue, decimals: 0) }
    }
    var result = StudyResult()
    result.claims = [
      bench.subject.claim(
        "3a",
        "type selection at 20 %: value, gate and up gain in the majority of \(count) adjacent pairs by own-input loss",
        measured([.value, .gate, .up], \.gainsByLoss), .atLeast(Double(count / 2 + 1))),
      bench.subject.claim(
        "3b", "type selection at 20 %: pairs in which sharing output and down loses, by own-input loss",
        measured([.output, .down], { !$0.gainsByLoss }), .atLeast(12)),
      bench.subject.claim(
        "3c", "type selection at 20 %: key and query gain in pairs by the paper's norm criterion", paper: "key gains",
        measured([.key, .query], \.gainsByNorm), .reported,
        note: "not expected on a thin model; `--share auto` takes the types that gain behind a refit: "
          + SharingCriterion.sharedTypes(at20).map(\.rawValue).sorted().joined(separator: ", ")),
    ]
    result.tables = [table(verdicts, count)]
    result.charts = [chart(at20)]
    return result
  }

  private func table(_ verdicts: [Double: [SharingCriterion.Verdict]], _ count: Int) -> Table {
    var table = Table(
      title: "Adjacent pairs, of \(count), in which one shared basis beats two",
      caption:
        "(a) norms on pooled inputs, the paper's criterion; (b) squared loss on each layer's own inputs; (c) the same behind an own-Gram "
        + "refit. Ratios are geometric means of pair over singles.",
      columns: [
        .text("type"), .number("ratio", unit: "%", decimals: 0), .number("(a)"), .number("(b)"), .number("(c)"),
        .number("(a) ratio", decimals: 3), .number("(b) ratio", decimals: 3), .number("(c) ratio", decimals: 3),
      ])
    for site in LinearSite.allCases {
      for (ratio, all) in verdicts.sorted(by: { $0.key < $1.key }) {
        let own = all.filter { $0.site == site }
        func mean(_ value: (SharingCriterion.Verdict) -> Double) -> TableCell {
          .number(Statistics.geometricMean(own.map { max(value($0), 1e-12) }))
        }
        table.append([
          .text(site.rawValue), .number(100 * ratio), .integer(own.count(where: \.gainsByNorm)),
          .integer(own.count(where: \.gainsByLoss)), .integer(own.count(where: \.gainsByRefit)),
          mean { $0.pairNorm / $0.singleNorm }, mean { $0.pairLoss / $0.singleLoss },
          mean { $0.refittedLoss / $0.singleLoss },
        ])
      }
    }
    return table
  }

  private func chart(_ verdicts: [SharingCriterion.Verdict]) -> Chart {
    let pairs = verdicts.filter { $0.site == .query }.map { "\($0.layers[0])+\($0.layers[1])" }
    return .heatMap(
      HeatMapChart(
        name: "pair-gains", title: "Loss of a shared basis over the loss of two, own inputs, refitted, 20 %",
        caption: "Below 1 sharing gains.", rows: LinearSite.allCases.map(\.rawValue), columns: pairs,
        rowLabel: "type", columnLabel: "layers",
        values: LinearSite.allCases.map { site in
          verdicts.filter { $0.site == site }.map { $0.refittedLoss / max($0.singleLoss, 1e-300) }
        }, value: ChartAxis("pair / singles"), palette: .diverging(center: 1)))
  }
}
