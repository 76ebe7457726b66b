import ArgumentParser
import ClassAwarePruning
import Foundation
import ReproductionKit
import VisionModels

/// `hardwise prune latency`
struct PruneLatency: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency", abstract: "Time checkpoints against each other, in turn, on this machine.",
    discussion: """
      With --peer the same networks also run in another program, in turn with this one, such as \
      --peer "python3 Tools/peers/torch_worker.py": PyTorch, norms folded, traced and frozen.
      """)

  @OptionGroup var network: NetworkOptions

  @Option(help: ArgumentHelp("A checkpoint to compare with --weights; repeatable.", valueName: "file"))
  var versus: [String] = []

  @Option(help: "Interleaved rounds.")
  var rounds = 30

  @Option(help: ArgumentHelp("Batch sizes, separated by commas.", valueName: "sizes"))
  var batches = "1,128"

  @Option(help: ArgumentHelp("Thread counts, separated by commas.", valueName: "counts"))
  var threads = "1,2"

  @Option(help: ArgumentHelp("Program that runs the same networks, asked in turn.", valueName: "command"))
  var peer: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let meter = LatencyMeter(
      rounds: try positive("--rounds", "\(rounds)")[0], batches: try positive("--batches", batches),
      threads: try positive("--threads", threads))
    var networks = [(name: network.weights, network: try network.load())]
    let catalog = try DataCatalog()
    for path in versus {
      let url = try catalog.resolve(nameOrPath: path, kind: .weights).url
      networks.append((name: url.lastPathComponent, network: try PrunedCheckpoint.load(url).network))
    }
    let rows = try meter.compare(networks)
    let peers = try peer.map { try compare(networks, meter, with: PeerProcess(command: $0)) }
    try output.emit(
      Outcome(rows: rows, peer: peers),
      text: ([rows.table(title: "Latency, batch norms folded")] + (peers.map { [$0.table] } ?? []))
        .map { $0.plainText(width: Terminal.width) }.joined(separator: "\n"))
  }

  /// Runs every network here and in the peer, in turn.
  private func compare(
    _ networks: [(name: String, network: Network)], _ meter: LatencyMeter, with peer: PeerProcess
  ) throws -> PeerComparison {
    var rows: [BenchRow] = []
    let runner = BenchRunner(rounds: min(meter.rounds, 7), peers: [peer])
    for (name, network) in networks {
      let file = FileManager.default.temporaryDirectory
        .appendingPathComponent("hardwise-peer-\(UUID().uuidString).safetensors")
      defer { try? FileManager.default.removeItem(at: file) }
      try network.foldingBatchNorms().save(to: file)
      let engine = try InferenceEngine(network)
      for threadCount in meter.threads {
        for batch in meter.batches {
          let images = VisionBench.randomImages(network, batch)
          let shape = network.inputShape
          rows.append(
            try runner.measure(
              BenchItem(
                name: "\(name), batch \(batch)", threads: threadCount, work: 2 * Double(network.cost().macs * batch),
                limit: .arithmetic, images: batch,
                request: PeerRequest(
                  work: "infer", file: file.path, shape: [shape[2], shape[0], shape[1]], batch: batch,
                  threads: threadCount),
                prepare: { { _ = try engine.logits(images) } })))
        }
      }
    }
    return PeerComparison(peer: peer.name, rows: rows)
  }

  private struct PeerComparison: Encodable {
    let peer: String
    let rows: [BenchRow]

    var table: Table {
      var table = Table(
        title: "Against \(peer), in turn",
        columns: [
          .text("network"), .number("threads", decimals: 0), .number("here", unit: "ms", decimals: 3),
          .number("peer", unit: "ms", decimals: 3), .number("peer / here", decimals: 2),
        ])
      for row in rows {
        table.append([
          .text(row.name), .integer(row.threads), .number(row.milliseconds),
          row.peerMilliseconds.map { .number($0) } ?? .missing, row.ratioToPeer.map { .number($0) } ?? .missing,
        ])
      }
      return table
    }
  }

  private struct Outcome: Encodable {
    let rows: [LatencyRow]
    let peer: PeerComparison?
  }

  private func positive(_ name: String, _ text: String) throws -> [Int] {
    let numbers = text.split(separator: ",").map { Int($0) }
    guard !numbers.isEmpty, numbers.allSatisfy({ $0.map { $0 > 0 } ?? false }) else {
      throw ValidationError("\(name) is '\(text)'; give positive whole numbers, separated by commas")
    }
    return numbers.compactMap { $0 }
  }
}
