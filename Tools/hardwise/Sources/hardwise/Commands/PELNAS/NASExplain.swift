import ArgumentParser
import FileKit
import Foundation
import PELNAS
import ReproductionKit

/// `hardwise pelnas explain`
struct NASExplain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Everything about one cell: equations, counts, accuracies, all devices, ranks.")

  @OptionGroup var data: NASDataOptions

  @Argument(help: "A cell: a word of six digits, or an architecture string.")
  var cell: String

  @Option(help: ArgumentHelp("Write a drawing of the cell.", valueName: "SVG file"))
  var drawing: String?

  @OptionGroup var output: OutputOptions

  private struct Explanation: Encodable {
    struct DeviceRow: Encodable {
      let device: String
      let latency: Float?
      let energy: Float?
      /// Share of usable cells that are faster.
      let fasterShare: Double?
      let isOnFront: Bool
      let evidence: String
    }

    let cell: Cell
    let canonical: Cell
    let architecture: String
    let index: Int
    let niche: String
    let counts: CellCounts
    let accuracies: [String: Float]
    let devices: [DeviceRow]
  }

  func run() throws {
    let cell = try Cell(cell)
    let benchmark = try data.benchmark()
    let dataSet = try data.dataSet()
    let explanation = try explain(cell, benchmark, dataSet)
    if let drawing { try AtomicFile.write(CellDrawing.svg(cell), to: URL(fileURLWithPath: drawing)) }
    try output.emit(explanation, text: text(explanation, dataSet))
  }

  private func explain(_ cell: Cell, _ benchmark: Benchmark, _ dataSet: DataSet) throws -> Explanation {
    let devices = try Device.main.map { device in
      let task = try SearchTask(benchmark, dataSet, on: device)
      let cost = task.costs[cell.code]
      let faster = task.usable.count { task.costs[$0.code] < cost }
      return Explanation.DeviceRow(
        device: device.name, latency: benchmark.latency(cell, on: device, dataSet),
        energy: benchmark.energy(cell, on: device, dataSet),
        fasterShare: cost.isFinite ? Double(faster) / Double(task.usable.count) : nil,
        isOnFront: task.front.contains { $0.cell == cell }, evidence: task.costEvidence.rawValue)
    }
    return Explanation(
      cell: cell, canonical: cell.canonical, architecture: cell.archString, index: benchmark.indices[cell.code],
      niche: Partition.conv3x3.descriptions[Partition.conv3x3.niche(of: cell)], counts: CellCounts(cell, on: dataSet),
      accuracies: Dictionary(
        uniqueKeysWithValues: DataSet.allCases.compactMap { set in
          benchmark.accuracy(cell, set).map { (set.rawValue, $0) }
        }), devices: devices)
  }

  private func text(_ found: Explanation, _ dataSet: DataSet) -> String {
    var table = Table(
      title: "Devices, \(dataSet.rawValue)",
      columns: [
        .text("device"), .number("latency", unit: "ms", decimals: 3), .number("energy", unit: "mJ", decimals: 3),
        .number("faster cells", unit: "%", decimals: 1), .text("on the front"), .text("evidence"),
      ])
    for row in found.devices {
      table.append([
        .text(row.device), row.latency.map { .number(Double($0)) } ?? nil,
        row.energy.map { .number(Double($0)) } ?? nil,
        row.fasterShare.map { .number(100 * $0) } ?? nil, row.isOnFront ? "yes" : "no", .text(row.evidence),
      ])
    }
    let dead = found.canonical == found.cell ? "no dead operation" : "without dead operations \(found.canonical)"
    let accuracies = found.accuracies.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value) %" }
    return """
      \(found.cell)  \(found.architecture)
      \(CellDrawing.text(found.cell))
      index \(found.index); \(dead); niche: \(found.niche)
      \(found.counts.parameters) parameters, \(found.counts.benchmarkFLOPs) FLOPs (benchmark), \(found.counts.proxyFLOPs) FLOPs (proxy table)
      test accuracy: \(accuracies.joined(separator: ", "))
      \(table.plainText(width: Terminal.width))
      """
  }
}
