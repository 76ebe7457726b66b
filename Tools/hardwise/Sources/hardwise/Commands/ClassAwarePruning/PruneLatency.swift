import ArgumentParser
import ClassAwarePruning
import Foundation
import ReproductionKit
import VisionModels

/// `hardwise prune latency`
struct PruneLatency: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency", abstract: "Time checkpoints against each other, in turn, on this machine.")

  @OptionGroup var network: NetworkOptions

  @Option(help: ArgumentHelp("A checkpoint to compare with --weights; repeatable.", valueName: "file"))
  var versus: [String] = []

  @Option(help: "Interleaved rounds.")
  var rounds = 30

  @Option(help: ArgumentHelp("Batch sizes, separated by commas.", valueName: "sizes"))
  var batches = "1,128"

  @Option(help: ArgumentHelp("Thread counts, separated by commas.", valueName: "counts"))
  var threads = "1,2"

  @OptionGroup var output: OutputOptions

  func run() throws {
    let meter = LatencyMeter(
      rounds: try positive("--rounds", "\(rounds)")[0], batches: try positive("--batches", batches),
      threads: try positive("--threads", threads))
    var networks = [(name: network.weights, network: try network.load())]
    let catalog = try DataCatalog()
    for path in versus {
      let url = try catalog.resolve(nameOrPath: path, kind: .weights).url
      networks.append((name: path, network: try PrunedCheckpoint.load(url).network))
    }
    let rows = try meter.compare(networks)
    try output.emit(rows, text: rows.table(title: "Latency, batch norms folded").plainText(width: Terminal.width))
  }

  private func positive(_ name: String, _ text: String) throws -> [Int] {
    let numbers = text.split(separator: ",").map { Int($0) }
    guard !numbers.isEmpty, numbers.allSatisfy({ $0.map { $0 > 0 } ?? false }) else {
      throw ValidationError("\(name) is '\(text)'; give positive whole numbers, separated by commas")
    }
    return numbers.compactMap { $0 }
  }
}
