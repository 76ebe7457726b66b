import ArgumentParser
import FileKit
import Foundation
import ReproductionKit
import TinyTensor

/// `hardwise bench`
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Hot loops: the achieved rate, the machine's limit, the ratio, and the ratio to a peer.",
    discussion: """
      Everything is timed in rounds, interleaved with a measurement of the limit and, with --peer, with the same work in \
      another program (Tools/peers/torch_worker.py). Medians are printed; times of different rows are not comparable on a \
      noisy machine, ratios are.
      """)

  enum Suite: String, CaseIterable, ExpressibleByArgument {
    case machine, tinytensor, vision, basisn
  }

  @Argument(help: "machine, tinytensor, vision or basisn; all of them by default.")
  var suites: [Suite] = []

  @Option(help: ArgumentHelp("Program that does the same work, asked in turn.", valueName: "command"))
  var peer: String?

  @Option(help: "Rounds per row.")
  var rounds = 5

  @Option(help: "Only rows whose name contains this text.")
  var only: String?

  @Option(help: ArgumentHelp("Also write the result as Markdown.", valueName: "file"))
  var write: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds is \(rounds); give a positive number") }
  }

  func run() throws {
    let chosen = suites.isEmpty ? Suite.allCases : suites
    let peer = try peer.map { command in try PeerProcess(command: command) }
    let runner = BenchRunner(rounds: rounds, peer: peer)
    let sink = TerminalProgressSink()
    let progress = ProgressReporter(sink: sink)
    var items: [BenchItem] = []
    if chosen.contains(.tinytensor) { items += try TensorBench.items() }
    if chosen.contains(.vision) { items += try VisionBench.items() }
    if chosen.contains(.basisn) { items += try BasisNBench.items() }
    if let only { items = items.filter { $0.name.contains(only) } }
    var rows: [BenchRow] = []
    for (index, item) in items.enumerated() {
      progress.report(index, of: items.count, item.name)
      rows.append(try runner.measure(item))
    }
    sink.finish()
    let machine = chosen.contains(.machine) || !rows.isEmpty ? MachineLimits.measure() : nil
    let result = Result(machine: machine, peer: peer?.name, rows: rows)
    if let write { try AtomicFile.write(result.markdown, to: URL(fileURLWithPath: write)) }
    try output.emit(result, text: result.text)
  }

  private struct Result: Encodable {
    let machine: MachineLimits?
    let peer: String?
    let rows: [BenchRow]

    var text: String {
      [machine?.text, table?.plainText(width: Terminal.width)].compactMap { $0 }.joined(separator: "\n")
    }

    var markdown: String {
      """
      # Benchmarks

      Written by `hardwise bench --write`; every row is timed interleaved with the machine's limit and with the peer. Ratios \
      are medians over rounds, ± half the interquartile range.

      \(machine?.text ?? "")
      \(table.map { "## \($0.title)\n\n" + $0.markdown() } ?? "")
      """
    }

    private var table: Table? {
      guard !rows.isEmpty else { return nil }
      var columns: [TableColumn] = [
        .text("work"), .number("threads", decimals: 0), .number("time", unit: "ms", decimals: 2),
        .number("rate", unit: "GFLOP/s", decimals: 1), .number("of limit", unit: "%", decimals: 0),
        .number("images/s", decimals: 0),
      ]
      if peer != nil {
        columns += [
          .number("peer", unit: "ms", decimals: 2), .number("faster", unit: "×", decimals: 2),
          .number("±", decimals: 2),
        ]
      }
      var table = Table(title: peer.map { "Beside \($0)" } ?? "Hot loops", columns: columns)
      for row in rows {
        var cells: [TableCell] = [
          .text(row.name), .integer(row.threads), .number(row.milliseconds), .number(row.rate),
          .number(100 * row.ofLimit), row.imagesPerSecond.map { .number($0) } ?? .missing,
        ]
        if peer != nil {
          cells += [row.peerMilliseconds, row.ratioToPeer, row.ratioSpread].map { value in
            value.map { .number($0) } ?? .missing
          }
        }
        table.append(cells)
      }
      return table
    }
  }
}

/// The machine's own limits.
struct MachineLimits: Encodable {
  let processor: String
  let cores: Int
  let simdWidth: Int
  let peakGigaflopsPerCore: Double
  let memoryGigabytesPerSecond: Double
  let parallelOverheadMicroseconds: Double

  static func measure() -> MachineLimits {
    MachineLimits(
      processor: MachineProbe.cpuName, cores: MachineProbe.cores, simdWidth: MachineProbe.simdWidth,
      peakGigaflopsPerCore: MachineProbe.peakGigaflops(), memoryGigabytesPerSecond: MachineProbe.memoryBandwidth(),
      parallelOverheadMicroseconds: MachineProbe.parallelOverhead())
  }

  var text: String {
    """
    \(processor), \(cores) cores, \(simdWidth) float lanes
    FMA peak of one core \(rounded(peakGigaflopsPerCore)) GFLOP/s, memory \(rounded(memoryGigabytesPerSecond)) GB/s, \
    one parallel loop costs \(rounded(parallelOverheadMicroseconds)) µs

    """
  }

  private func rounded(_ value: Double) -> String { NumberFormat.short(value) }
}
