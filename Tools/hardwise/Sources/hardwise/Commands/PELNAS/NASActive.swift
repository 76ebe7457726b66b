import ArgumentParser
import PELNAS
import ReproductionKit

/// `hardwise pelnas active`
struct NASActive: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "active", abstract: "Choose the cells to train next: active search by a surrogate, beyond the paper.",
    discussion: """
      Labels a few cells of every niche, then again and again those that a surrogate puts on its first fronts. Here a label is a look-up of the \
      trained accuracy; the figure to compare is the front after so many labels.
      """)

  /// Which surrogate.
  enum Surrogate: String, CaseIterable, ExpressibleByArgument {
    /// Gaussian process.
    case process
    /// Boosted trees.
    case trees

    func make(_ benchmark: Benchmark, _ dataSet: DataSet) throws -> any AccuracySurrogate {
      switch self {
      case .process: try ProcessSurrogate(benchmark, dataSet)
      case .trees: TreeSurrogate(try PredictorFeatures(benchmark, dataSet, includesWord: true))
      }
    }
  }

  @OptionGroup var task: NASTaskOptions

  @Option(help: ArgumentHelp("Trained accuracies to spend.", valueName: "cells"))
  var budget = 150

  @Option(help: "What learns from the labels: process (Gaussian) or trees.")
  var surrogate = Surrogate.process

  @Option(help: "Seed of the first cells.")
  var seed: UInt64 = 1

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...15_625).contains(budget) else { throw ValidationError("--budget is \(budget), expected 1…15625") }
  }

  private struct Result: Encodable {
    let task: String
    let method: String
    let labelled: [Cell]
    let front: [ScoredCell]
    let quality: FrontQuality
  }

  func run() throws {
    let (benchmark, task) = try task.task()
    let search = ActiveSurrogateSearch(try surrogate.make(benchmark, task.dataSet))
    let labelled = try search.run(task, budget: budget, seed: seed)
    let result = Result(
      task: task.name, method: search.name, labelled: labelled, front: task.score(labelled).front(),
      quality: task.quality(of: labelled))
    try output.emit(
      result,
      text: NASText.front(
        result.front, title: "Front on \(task.name) after \(labelled.count) labels, \(search.name)",
        unit: task.costUnit) + "\n" + NASText.quality(result.quality))
  }
}
