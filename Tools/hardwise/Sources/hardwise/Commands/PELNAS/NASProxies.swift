import ArgumentParser
import Foundation
import PELNAS
import ReproductionKit
import TinyTensor

/// `hardwise pelnas proxies`
struct NASProxies: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proxies", abstract: "Compute zero-cost proxies of cells, beside the published ones.")

  @OptionGroup var data: NASDataOptions

  @Option(help: ArgumentHelp("Cells, as words or architecture strings; repeatable.", valueName: "cell"))
  var cells: [String] = []

  @Option(help: "Proxies, comma-separated; all by default.")
  var proxies: String?

  @Option(help: ArgumentHelp("Images: gaussian, or a source such as cifar10 or a folder.", valueName: "source"))
  var images = "gaussian"

  @Option(help: "Images in the batch.")
  var batch = 16

  @Option(help: "Seed of the weights and images.")
  var seed: UInt64 = 1

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !cells.isEmpty else { throw ValidationError("name at least one cell: --cells 333132") }
    guard (1...4_096).contains(batch) else { throw ValidationError("--batch is \(batch), expected 1…4096") }
  }

  private struct Row: Encodable {
    let cell: Cell
    let proxy: String
    let value: Double
    let table: Float?
  }

  func run() throws {
    let benchmark = try data.benchmark()
    let dataSet = try data.dataSet()
    let chosen = try Set(
      proxies?.split(separator: ",").map { try Proxy(named: $0.trimmingCharacters(in: .whitespaces)) } ?? Proxy.allCases
    )
    let scorer = try makeScorer(dataSet)
    var rows: [Row] = []
    for cell in try cells.map({ try Cell($0) }) {
      let values = try scorer.compute(cell, proxies: chosen)
      for proxy in Proxy.allCases {
        guard let value = values[proxy] else { continue }
        rows.append(
          Row(cell: cell, proxy: proxy.rawValue, value: value, table: benchmark.proxy(proxy, cell, dataSet)))
      }
    }
    var table = Table(
      title: "Zero-cost proxies, \(dataSet.rawValue), batch of \(batch)",
      columns: [.text("cell"), .text("proxy"), .number("here"), .number("table")])
    for row in rows {
      table.append([
        .text(row.cell.word), .text(row.proxy), .number(row.value), row.table.map { .number(Double($0)) } ?? nil,
      ])
    }
    try output.emit(rows, text: table.plainText(width: Terminal.width))
  }

  private func makeScorer(_ dataSet: DataSet) throws -> ZeroCost {
    if images == "gaussian" { return try ZeroCost(gaussian: batch, dataSet: dataSet, seed: seed) }
    let train = try DataOption.parse(["--data", images]).open(for: [dataSet.imageSize, dataSet.imageSize, 3]).train
    var generator = Philox(seed: seed, stream: "proxy-batch")
    let chosen = (0..<batch).map { _ in generator.next(below: train.count) }
    let drawn = train.batch(chosen)
    return try ZeroCost(images: drawn.images, labels: drawn.labels, dataSet: dataSet, seed: seed)
  }
}
