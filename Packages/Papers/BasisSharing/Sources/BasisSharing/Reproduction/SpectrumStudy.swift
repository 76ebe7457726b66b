import LanguageModel
import ReproductionKit

/// Spectra of all types, and heat maps of the losses of all pairs of layers (the paper's figure 4).
struct SpectrumStudy {
  let bench: Workbench

  private struct Line: Codable {
    let site: LinearSite
    /// Mean share of ‖XW‖² beyond the first 0, 5, …, 100 % of the ranks.
    let tails: [Double]
    /// Mean effective rank of single layers.
    let effectiveRank: Double
    let fullRank: Int
  }

  func run(_ progress: ProgressReporter) throws -> StudyResult {
    let lines = try bench.context.step("spectra", as: [Line].self) { try LinearSite.allCases.map(line) }
    var result = StudyResult()
    var table = Table(
      title: "Spectra of whitened weights, mean over layers",
      caption: "Effective rank: exp of the entropy of σ². Tails: share of the output's energy that is lost.",
      columns: [
        .text("type"), .number("rank"), .number("effective rank", decimals: 0), .number("tail at 25 %", decimals: 4),
        .number("tail at 50 %", decimals: 5),
      ])
    for line in lines {
      table.append([
        .text(line.site.rawValue), .integer(line.fullRank), .number(line.effectiveRank), .number(line.tails[5]),
        .number(line.tails[10]),
      ])
    }
    result.tables = [table]
    result.charts = [
      .line(
        XYChart(
          name: "spectra", title: "Output energy lost when only the first directions are kept",
          x: ChartAxis("directions kept", unit: "%"), y: ChartAxis("lost share", scale: .logarithmic, lower: 1e-5),
          series: lines.map { line in
            ChartSeries(
              line.site.rawValue, x: (0..<20).map { 5 * Double($0) }, y: line.tails.prefix(20).map { max($0, 1e-9) },
              connection: .inOrder)
          }))
    ]
    for site in [LinearSite.key, .value].prefix(bench.workload.heatMaps) {
      result.charts.append(try heatMap(site, progress))
    }
    return result
  }

  private func line(_ site: LinearSite) throws -> Line {
    let compressor = try bench.compressor()
    let spectra = try (0..<bench.shapes.layers).map { try compressor.spectrum(site, layers: [$0]) }
    let full = min(bench.shapes.inputs(site), bench.shapes.outputs(site))
    return Line(
      site: site,
      tails: (0...20).map { step in
        Statistics.mean(spectra.map { $0.tailLoss(rank: full * step / 20) / max($0.total, 1e-300) })
      }, effectiveRank: Statistics.mean(spectra.map(\.effectiveRank)), fullRank: full)
  }

  private func heatMap(_ site: LinearSite, _ progress: ProgressReporter) throws -> Chart {
    let values = try bench.context.step("heat-map-\(site.rawValue)", as: [[Double]].self) {
      try SharingCriterion(bench.compressor()).heatMap(site, ratio: 0.2) { done, total in
        progress.report(done, of: total, "pairs of \(site.rawValue)")
      }
    }
    let names = (0..<bench.shapes.layers).map(String.init)
    return .heatMap(
      HeatMapChart(
        name: "heat-map-\(site.rawValue)", title: "Loss of sharing a basis between two layers: \(site.rawValue), 20 %",
        caption: "Norm of the pair over the sum of both norms alone; below 1 sharing gains by the paper's criterion.",
        rows: names, columns: names, rowLabel: "layer", columnLabel: "layer", values: values,
        value: ChartAxis("pair / singles"), palette: .diverging(center: 1), showsValues: false))
  }
}
