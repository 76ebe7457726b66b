import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit

extension LinearSite: ExpressibleByArgument {}

/// `hardwise basissharing inspect`
struct CompressInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Which matrices are redundant: spectra, and for which adjacent layers sharing gains.",
    discussion: "--heat-map draws the losses of all pairs of layers of one type.")

  @OptionGroup var grams: GramArguments

  @Option(help: "The ratio at which pairs are compared.")
  var ratio = 0.2

  @Option(help: "Only this type: query, key, value, output, gate, up or down.")
  var only: LinearSite?

  @Option(help: ArgumentHelp("Write the heat map of the type of --only as SVG.", valueName: "file.svg"))
  var heatMap: String?

  @OptionGroup var output: OutputOptions

  /// Refuses impossible values, before any file is opened.
  private func check() throws {
    try grams.calibration.check()
    if !(ratio > 0 && ratio < 1) { throw ValidationError("--ratio is \(ratio); give a number between 0 and 1") }
    if heatMap != nil && only == nil { throw ValidationError("--heat-map needs --only, the type that is drawn") }
  }

  func run() throws {
    try check()
    let long = LongWork()
    let compressor = try grams.compressor(grams.source.file(), long)
    if let heatMap, let only {
      let values = try SharingCriterion(compressor).heatMap(only, ratio: ratio) { done, total in
        long.progress.report(done, of: total, "pairs of \(only.rawValue)")
      }
      try write(values, only, to: heatMap)
    }
    var rows: [Row] = []
    for site in only.map({ [$0] }) ?? LinearSite.allCases {
      rows.append(try row(compressor, site, long))
      long.progress.report(rows.count, of: LinearSite.allCases.count, site.rawValue)
    }
    long.finish()
    try output.emit(rows, text: table(rows).plainText(width: Terminal.width))
  }

  private func row(_ compressor: Compressor, _ site: LinearSite, _ long: LongWork) throws -> Row {
    let shapes = compressor.shapes
    let spectra = try compressor.spectra(
      site, (0..<shapes.layers).map { [$0] }, isCancelled: { long.isCancelled })
    let verdicts = try SharingCriterion(compressor).judge(
      site, SharingCriterion.pairs(layers: shapes.layers), ratios: [ratio], isCancelled: { long.isCancelled }
    ).flatMap { $0 }
    let rank = shapes.rank(site, groupSize: 1, ratio: ratio)
    return Row(
      site: site, effectiveRanks: spectra.map(\.effectiveRank),
      losses: spectra.map { $0.total > 0 ? $0.tailLoss(rank: rank) / $0.total : 0 }, pairs: verdicts)
  }

  private func table(_ rows: [Row]) -> Table {
    var table = Table(
      title: "Spectra and adjacent pairs at \(Int((100 * ratio).rounded())) %",
      caption:
        "Lost: share of the output's energy that factors of single layers lose. Gains: pairs in which one basis beats two by the paper's norms "
        + "(a), on own inputs (b), behind a refit (c).",
      columns: [
        .text("type"), .number("effective rank", decimals: 0), .number("lost", unit: "%", decimals: 2),
        .number("pairs"),
        .number("(a)"), .number("(b)"), .number("(c)"),
      ])
    for row in rows {
      table.append([
        .text(row.site.rawValue), .number(Statistics.mean(row.effectiveRanks)),
        .number(100 * Statistics.mean(row.losses)), .integer(row.pairs.count),
        .integer(row.pairs.count(where: \.gainsByNorm)), .integer(row.pairs.count(where: \.gainsByLoss)),
        .integer(row.pairs.count(where: \.gainsByRefit)),
      ])
    }
    return table
  }

  private func write(_ values: [[Double]], _ site: LinearSite, to path: String) throws {
    let names = values.indices.map(String.init)
    let chart = Chart.heatMap(
      HeatMapChart(
        name: "heat-map", title: "Loss of sharing a basis between two layers: \(site.rawValue)",
        caption: "Norm of the pair over the sum of both alone; below 1 sharing gains.", rows: names, columns: names,
        rowLabel: "layer", columnLabel: "layer", values: values, value: ChartAxis("pair / singles"),
        palette: .diverging(center: 1), showsValues: false))
    try chart.svg().write(toFile: path, atomically: true, encoding: .utf8)
  }

  private struct Row: Encodable {
    let site: LinearSite
    /// Per layer.
    let effectiveRanks, losses: [Double]
    let pairs: [SharingCriterion.Verdict]
  }
}
