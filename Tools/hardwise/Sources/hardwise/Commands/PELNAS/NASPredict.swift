import ArgumentParser
import FileKit
import Foundation
import JSONC
import PELNAS
import ReproductionKit

/// `hardwise pelnas predict`
struct NASPredict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "The accuracy predictor on zero-cost proxies.",
    subcommands: [Fit.self, Eval.self])

  struct Fit: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Fit boosted trees to a few trained accuracies.")

    @OptionGroup var data: NASDataOptions

    @Option(help: "Trained accuracies to look at.")
    var labels = 100

    @Option(help: "Seed of the labels and of the trees.")
    var seed: UInt64 = 1

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the predictor.", valueName: "file"))
    var out: String

    @OptionGroup var output: OutputOptions

    func run() throws {
      let benchmark = try data.benchmark()
      let task = try SearchTask(benchmark, data.dataSet(), on: .named("fpga"))
      let features = try PredictorFeatures(benchmark, task.dataSet)
      let predictor = try AccuracyPredictor.fit(features, task, labels: labels, seed: seed)
      for warning in predictor.warnings { Terminal.remark(warning) }
      try AtomicFile.write(JSON.encode(predictor), to: URL(fileURLWithPath: out))
      let quality = try PredictorQuality(predictor, features, task)
      try output.emit(quality, text: "wrote \(out): \(quality.text)")
    }
  }

  struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Compare a predictor with all trained accuracies.")

    @OptionGroup var data: NASDataOptions

    @Argument(help: "A file of `predict fit`.")
    var file: String

    @OptionGroup var output: OutputOptions

    func run() throws {
      let benchmark = try data.benchmark()
      let task = try SearchTask(benchmark, data.dataSet(), on: .named("fpga"))
      let predictor = try JSON.read(AccuracyPredictor.self, from: URL(fileURLWithPath: file))
      let quality = try PredictorQuality(predictor, PredictorFeatures(benchmark, task.dataSet), task)
      try output.emit(quality, text: quality.text)
    }
  }
}

/// How a predictor orders all connected cells.
private struct PredictorQuality: Encodable {
  let dataset: String
  let labels: Int
  let cells: Int
  let spearman: Double
  let meanAbsoluteError: Double

  init(_ predictor: AccuracyPredictor, _ features: PredictorFeatures, _ task: SearchTask) throws {
    let estimate = try predictor.estimate(features).mean
    let pairs = task.usable.map { (estimate[$0.code], task.accuracies[$0.code]) }
    dataset = task.dataSet.rawValue
    labels = predictor.labelCost
    cells = pairs.count
    spearman = Statistics.spearman(pairs.map(\.0), pairs.map(\.1))
    meanAbsoluteError = Statistics.mean(pairs.map { abs($0.0 - $0.1) })
  }

  var text: String {
    "Spearman \(String(format: "%.4f", spearman)) and mean error \(String(format: "%.2f", meanAbsoluteError)) points on \(cells) connected "
      + "cells of \(dataset), from \(labels) labels (these are among the cells)"
  }
}
