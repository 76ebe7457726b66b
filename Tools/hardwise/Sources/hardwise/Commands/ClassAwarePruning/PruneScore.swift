import ArgumentParser
import ClassAwarePruning
import FileKit
import Foundation
import JSONC
import ReproductionKit
import VisionModels

/// `hardwise prune score`
struct PruneScore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score", abstract: "Count for every filter the classes it matters for.")

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOption
  @OptionGroup var scoring: ScoringOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the scores (`plan` reads them).", valueName: "file"))
  var out: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard scoring.criterion == "class" else {
      throw ValidationError("score writes class scores; other criteria go straight into `plan`, `run` and `compare`")
    }
  }

  func run() throws {
    let options = try scoring.scoreOptions()
    let network = try network.load()
    let images = try data.open(for: network.inputShape).train
    let scores = try ClassScorer(options).scores(network, data: images, normalization: network.scaling(for: images))
    if let out { try AtomicFile.write(JSON.encode(scores), to: URL(fileURLWithPath: out)) }
    try output.emit(scores, text: text(scores))
  }

  private func text(_ scores: ClassScores) -> String {
    let edges = (0...scores.classes).map(Float.init)
    var table = Table(
      title: "Filters by the number of classes they serve (of \(scores.classes))",
      columns: [.text("layer"), .number("filters", decimals: 0)]
        + (0..<scores.classes).map { .number("≤\($0 + 1)", decimals: 0) })
    for layer in scores.layers {
      let counts = scores.histogram(edges: edges, layers: [layer.name])
      table.append([.text(layer.name), .integer(layer.scores.count)] + counts.map { .integer($0) })
    }
    var lines = [table.plainText(width: Terminal.width)]
    for (name, temperature) in scores.temperatures.sorted(by: { $0.key < $1.key }) {
      lines.append("the loss of class \(name) had underflowed to 0; scored at temperature \(temperature)")
    }
    if let out { lines.append("scores: \(out)") }
    return lines.joined(separator: "\n")
  }
}
