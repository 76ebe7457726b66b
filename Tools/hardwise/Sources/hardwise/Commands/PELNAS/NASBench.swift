import ArgumentParser
import Foundation
import PELNAS
import ReproductionKit

/// `hardwise pelnas bench`
struct NASBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Compare searchers without a model at equal numbers of trained cells.")

  @OptionGroup var task: NASTaskOptions

  @Option(help: ArgumentHelp("Numbers of trained cells; repeatable.", valueName: "cells"))
  var budget: [Int] = [120, 300, 600]

  @Option(help: "Seeds per method.")
  var seeds = 20

  @Flag(help: "Also active surrogate search, which fits predictors on the way.")
  var active = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard seeds > 0, budget.allSatisfy({ (1...15_625).contains($0) }) else {
      throw ValidationError("--seeds must be positive and every --budget 1…15625")
    }
  }

  private struct Row: Encodable {
    let method: String
    let cells: Int
    let hvFull: Double
    let hvFront: Double
    let standardDeviation: Double
    let igdFront: Double
  }

  func run() throws {
    let (benchmark, task) = try task.task()
    let methods: [any SearchMethod] = [
      RandomSearch(), PartitionedRandomSearch(.conv3x3), NSGA2(), PartitionedEvolution(.conv3x3), AgingEvolution(),
      ParetoLocalSearch(),
    ]
    var rows: [Row] = []
    for cells in budget {
      for method in methods {
        rows.append(
          row(
            method.name, cells,
            (0..<seeds).map { task.quality(of: method.run(task, .truth(task), budget: cells, seed: UInt64($0))) }))
      }
      if active {
        let search = ActiveSurrogateSearch(
          features: try PredictorFeatures(benchmark, task.dataSet, includesWord: true))
        rows.append(
          row(
            "active search", cells,
            try (0..<min(seeds, 5)).map { task.quality(of: try search.run(task, budget: cells, seed: UInt64($0))) }))
      }
    }
    var table = Table(
      title: "Searchers on \(task.name), \(seeds) seeds",
      columns: [
        .text("method"), .number("cells"), .number("hvFull", decimals: 4), .number("hvFront", decimals: 4),
        .number("± sd", decimals: 4), .number("IGD front", decimals: 4),
      ])
    for row in rows {
      table.append([
        .text(row.method), .integer(row.cells), .number(row.hvFull), .number(row.hvFront),
        .number(row.standardDeviation),
        .number(row.igdFront),
      ])
    }
    try output.emit(rows, text: table.plainText(width: Terminal.width))
  }

  private func row(_ method: String, _ cells: Int, _ qualities: [FrontQuality]) -> Row {
    Row(
      method: method, cells: cells, hvFull: Statistics.mean(qualities.map(\.hvFull)),
      hvFront: Statistics.mean(qualities.map(\.hvFront)),
      standardDeviation: Statistics.standardDeviation(qualities.map(\.hvFront)),
      igdFront: Statistics.mean(qualities.map(\.igdFront)))
  }
}
