import ArgumentParser
import Foundation
import ReproductionKit
import TinyTensor

/// `hardwise bench`
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Hot loops: the achieved rate, the machine's limit, the ratio, and the ratio to peers.",
    discussion: """
      Everything is timed in rounds, interleaved with a measurement of the limit and, with --peer, with the same work in \
      other programs (Tools/peers). Medians are printed; times of different rows are not comparable on a \
      noisy machine, ratios are.
      """)

  enum Suite: String, CaseIterable, ExpressibleByArgument {
    case machine, tinytensor, vision, basisn, logicflow, pelnas, basissharing
  }

  @Argument(help: "machine, tinytensor, vision, basisn, logicflow, pelnas or basissharing; all of them by default.")
  var suites: [Suite] = []

  @Option(help: ArgumentHelp("Program that does the same work, asked in turn; may be repeated.", valueName: "command"))
  var peer: [String] = []

  @Option(help: "Rounds per row.")
  var rounds = 5

  @Option(help: "Only rows whose name contains this text.")
  var only: String?

  @Option(help: ArgumentHelp("Also write the result as Markdown, with a roofline chart beside it.", valueName: "file"))
  var write: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds is \(rounds); give a positive number") }
  }

  func run() throws {
    let chosen = suites.isEmpty ? Suite.allCases : suites
    let peers = try peer.map { command in try PeerProcess(command: command) }
    let runner = BenchRunner(rounds: rounds, peers: peers)
    let sink = TerminalProgressSink()
    let progress = ProgressReporter(sink: sink)
    var items: [BenchItem] = []
    if chosen.contains(.tinytensor) { items += try TensorBench.items() }
    if chosen.contains(.vision) { items += try VisionBench.items() }
    if chosen.contains(.basisn) { items += BasisNBench.items() }
    if chosen.contains(.logicflow) { items += try LogicFlowBench.items() }
    if chosen.contains(.pelnas) { items += try optional("pelnas", PELNASBench.items) }
    if chosen.contains(.basissharing) { items += try optional("basissharing", BasisSharingBench.items) }
    if let only { items = items.filter { $0.name.contains(only) } }
    let models = chosen.contains(.vision) && only == nil ? ["resnet20", "vgg16"] : []
    var rows: [BenchRow] = []
    for (index, item) in items.enumerated() {
      progress.report(index, of: items.count + models.count, item.name)
      rows.append(try runner.measure(item))
    }
    let layers = try models.map { try LayerBench(model: $0, batch: 128) }
    sink.finish()
    let result = BenchResult(machine: .measure(), peers: peers.map(\.name), rows: rows, layers: layers)
    if let write { try result.write(to: URL(fileURLWithPath: write)) }
    try output.emit(result, text: result.text(width: Terminal.width))
  }

  /// Without its tables or its model a suite has nothing to measure: skipped with a remark, unless it was asked for.
  private func optional(_ name: String, _ items: () throws -> [BenchItem]) throws -> [BenchItem] {
    do {
      return try items()
    } catch  where suites.isEmpty {
      Terminal.remark("\(name) is left out: \(error)")
      return []
    }
  }
}
