import ArgumentParser
import FileKit
import Foundation
import PELNAS
import ReproductionKit

/// `hardwise pelnas measure`
struct NASMeasure: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Measure cells on this computer, fit a latency model, search and measure the winners.",
    discussion: "The measurements become the device this-cpu, which `pelnas search --device this-cpu` then knows.")

  @OptionGroup var data: NASDataOptions

  @Option(help: "Name of the device.")
  var device = "this-cpu"

  @Option(help: "Cells to measure.")
  var cells = 200

  @Option(help: "Passes per cell; the median counts.")
  var repeats = 30

  @Option(help: "Seed of the drawn cells and of the search.")
  var seed: UInt64 = 1

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (StructuralLatency.minimumMeasurements + 5...9_000).contains(cells), repeats > 0 else {
      throw ValidationError("--cells must be \(StructuralLatency.minimumMeasurements + 5)…9000, --repeats positive")
    }
  }

  private struct Winner: Encodable {
    let cell: Cell
    let accuracy: Double
    let predicted: Double
    let measured: Double
  }

  private struct Result: Encodable {
    let device: String
    let cells: Int
    let heldOutSpearman: Double
    let heldOutMedianError: Double
    let winners: [Winner]
  }

  func run() throws {
    let benchmark = try data.benchmark()
    let dataSet = try data.dataSet()
    let meter = LatencyMeter(dataSet: dataSet, repeats: repeats)
    let handler = InterruptionHandler()
    defer { handler.uninstall() }
    let progress = ProgressReporter(sink: TerminalProgressSink())
    let drawn = LatencyMeter.sample(cells, seed: seed)
    var measured: [Cell: Double] = [:]
    for (index, cell) in drawn.enumerated() {
      if handler.flag.isRaised { throw Interrupted() }
      measured[cell] = try meter.latency(of: cell)
      progress.report(index + 1, of: drawn.count, "cells measured")
    }
    let heldOut = Set(drawn.suffix(max(5, cells / 5)))
    let model = try StructuralLatency.fit(name: device, measured.filter { !heldOut.contains($0.key) })
    let pairs = zip(heldOut.sorted(), model.costs(of: heldOut.sorted())).map { ($1 ?? .nan, measured[$0] ?? .nan) }
    let file = DeviceFile(measured: device, measured)
    try file.write(to: DeviceLibrary.folder.appending(path: "\(device).json"))
    let task = try SearchTask(benchmark, dataSet, on: try file.costModel())
    let found = task.front(
      of: NSGA2().run(task, .truth(task), budget: 600, seed: seed), by: .truth(task))
    let step = max(1, found.count / 8)
    let winners = try stride(from: 0, to: found.count, by: step).map { index in
      Winner(
        cell: found[index].cell, accuracy: found[index].accuracy, predicted: found[index].cost,
        measured: try meter.latency(of: found[index].cell))
    }
    let result = Result(
      device: device, cells: cells, heldOutSpearman: Statistics.spearman(pairs.map(\.0), pairs.map(\.1)),
      heldOutMedianError: Statistics.median(pairs.map { abs($0.0 - $0.1) / $0.1 }), winners: winners)
    try output.emit(result, text: text(result))
  }

  private func text(_ result: Result) -> String {
    var table = Table(
      title: "Winners on \(result.device), measured again",
      columns: [
        .text("cell"), .number("accuracy", unit: "%", decimals: 2), .number("predicted", unit: "ms", decimals: 3),
        .number("measured", unit: "ms", decimals: 3),
      ])
    for winner in result.winners {
      table.append([
        .text(winner.cell.word), .number(winner.accuracy), .number(winner.predicted), .number(winner.measured),
      ])
    }
    return table.plainText(width: Terminal.width)
      + "\nlatency model on \(result.cells) cells; held out: Spearman \(String(format: "%.3f", result.heldOutSpearman)), median error "
      + "\(String(format: "%.1f", 100 * result.heldOutMedianError)) %"
  }
}
