import ArgumentParser
import FileKit
import Foundation
import LanguageModel
import ReproductionKit
import TinyTensor

/// `hardwise lm bench`
struct LanguageBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Tokens per second, with the arithmetic and memory traffic beside the machine's limits.",
    discussion: """
      Every row is timed in rounds, interleaved with its limit and, with --peer, with the same work in another program \
      (Tools/peers/llama_worker.py: llama.cpp). Ratios are comparable on a noisy machine, times are not.
      """)

  @OptionGroup var runtime: RuntimeArguments

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
    let (file, model) = try runtime.load()
    let peer = try peer.map { command in try PeerProcess(command: command) }
    let threads = Threads.count
    let runner = BenchRunner(rounds: rounds, peers: peer.map { [$0] } ?? [])
    let sink = TerminalProgressSink()
    let progress = ProgressReporter(sink: sink)
    let works = LanguageBench(file: file, model: model, threads: threads).works()
      .filter { only.map($0.item.name.contains) ?? true }
    var rows: [LanguageBenchRow] = []
    for (index, work) in works.enumerated() {
      progress.report(index, of: works.count + 1, work.item.name)
      rows.append(LanguageBenchRow(try runner.measure(work.item), work))
    }
    progress.report(works.count, of: works.count + 1, "start")
    let start =
      file.format == .safetensors || only != nil
      ? nil : try StartProbe(file: file.url, threads: threads, rounds: rounds).measure(peer)
    sink.finish()
    let result = LanguageBenchResult(
      model: file.url.lastPathComponent, machine: .measure(), peer: peer?.name, rows: rows, start: start?.own,
      peerStart: start?.peer)
    if let write { try AtomicFile.write(result.markdown, to: URL(fileURLWithPath: write)) }
    try output.emit(result, text: result.text)
  }
}

/// A row of the table: what ``BenchRow`` has, and tokens.
struct LanguageBenchRow: Encodable {
  let row: BenchRow
  let tokensPerSecond: Double
  let gigaflops: Double
  let gigabytes: Double

  init(_ row: BenchRow, _ work: LanguageBench.Work) {
    self.row = row
    tokensPerSecond = 1000 * Double(work.tokens) / row.milliseconds
    gigaflops = 1e-6 * work.flops / row.milliseconds
    gigabytes = 1e-6 * work.bytes / row.milliseconds
  }
}

/// What `hardwise lm bench` found.
struct LanguageBenchResult: Encodable {
  let model: String
  let machine: MachineLimits
  let peer: String?
  let rows: [LanguageBenchRow]
  let start: StartProbe.Start?
  let peerStart: StartProbe.Start?

  var text: String { machine.summary + "\n\n" + table.plainText(width: Terminal.width) + startText }

  var markdown: String {
    """
    # Language model benchmarks

    Written by `hardwise lm bench --write`; every row is timed interleaved with the machine's limit and with the peer. Ratios \
    are medians over rounds, ± half the interquartile range.

    \(machine.summary)

    ## \(table.title)

    \(table.markdown())

    \(startText)
    """
  }

  private var startText: String {
    guard let start else { return "" }
    func words(_ start: StartProbe.Start) -> String {
      String(format: "%.0f ms, %.0f MB", start.milliseconds, 1e-6 * Double(start.peakMemoryBytes))
    }
    return "\nFrom the file to the first token, and the largest memory of the process: \(words(start))"
      + (peerStart.map { "; \(peer ?? "the peer"): \(words($0))" } ?? "") + "\n"
  }

  private var table: Table {
    var columns: [TableColumn] = [
      .text("work"), .number("threads", decimals: 0), .number("time", unit: "ms", decimals: 2),
      .number("tokens/s", decimals: 0), .number("GFLOP/s", decimals: 1), .number("GB/s", decimals: 1), .text("limit"),
      .number("of limit", unit: "%", decimals: 0),
    ]
    if peer != nil {
      columns += [
        .number("peer", unit: "ms", decimals: 2), .number("faster", unit: "×", decimals: 2), .number("±", decimals: 2),
      ]
    }
    var table = Table(title: model + (peer.map { " beside \($0)" } ?? ""), columns: columns)
    for entry in rows {
      let row = entry.row
      var cells: [TableCell] = [
        .text(row.name), .integer(row.threads), .number(row.milliseconds), .number(entry.tokensPerSecond),
        .number(entry.gigaflops), .number(entry.gigabytes), .text("\(row.limitName) \(NumberFormat.short(row.limit))"),
        .number(100 * row.ofLimit),
      ]
      if peer != nil {
        let other = row.peers.first
        cells += [other?.milliseconds, other?.ratio, other?.spread].map { $0.map { .number($0) } ?? .missing }
      }
      table.append(cells)
    }
    return table
  }
}
