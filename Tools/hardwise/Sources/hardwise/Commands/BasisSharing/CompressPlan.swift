import ArgumentParser
import BasisSharing
import FileKit
import Foundation
import JSONC
import LanguageModel
import ReproductionKit

/// `hardwise basissharing plan`
struct CompressPlan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "What shares with what and at which ranks, for a ratio, a file size or a speed.",
    discussion: "auto and optimal need Grams (--grams, or they are collected); presets need only the model's shapes.")

  @OptionGroup var grams: GramArguments
  @OptionGroup var planning: PlanArguments

  @Option(help: ArgumentHelp("Write the plan, for `compress --plan`.", valueName: "plan.json"))
  var out: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    try grams.calibration.check()
    try planning.check()
    let file = try grams.source.file()
    let shapes = ModelShapes(file.config)
    let request = try planning.request(file)
    let result: SharingPlan
    switch request {
    case .preset(let preset, let groupSize, let ratio):
      result = try .paper(shared: preset.shared, groupSize: groupSize, ratio: ratio, shapes: shapes)
    default:
      let long = LongWork()
      result = try request.plan(
        grams.compressor(file, long), progress: long.progress, isCancelled: { long.isCancelled })
      long.finish()
    }
    try result.check(shapes)
    if let out { try AtomicFile.write(try JSON.encode(result, style: .pretty), to: URL(fileURLWithPath: out)) }
    try output.emit(result, text: text(result, shapes))
  }

  private func text(_ plan: SharingPlan, _ shapes: ModelShapes) -> String {
    var table = Table(
      title: String(
        format: "%.1f %% of the block parameters removed, %.3f of the multiply-adds", 100 * plan.ratio(shapes),
        Double(plan.multiplyAdds(shapes)) / Double(shapes.blockParameters)),
      columns: [
        .text("type"), .number("groups"), .number("layers per group", decimals: 2), .number("least rank"),
        .number("largest rank"), .number("dense layers"),
      ])
    for site in LinearSite.allCases {
      let own = plan.groups.filter { $0.site == site }
      let layers = own.reduce(0) { $0 + $1.layers.count }
      table.append([
        .text(site.rawValue), .integer(own.count), .number(Double(layers) / Double(max(1, own.count))),
        own.map(\.rank).min().map { .integer($0) } ?? nil, own.map(\.rank).max().map { .integer($0) } ?? nil,
        .integer(shapes.layers - layers),
      ])
    }
    return table.plainText(width: Terminal.width)
  }
}
