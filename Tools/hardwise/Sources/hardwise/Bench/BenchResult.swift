import FileKit
import Foundation
import ReproductionKit

/// Everything one run of `hardwise bench` measured.
struct BenchResult: Encodable {
  let machine: MachineLimits
  let peers: [String]
  let rows: [BenchRow]
  let layers: [LayerBench]

  /// The tables as they are printed.
  func text(width: Int) -> String { tables.map { $0.plainText(width: width) }.joined(separator: "\n") }

  /// Writes Markdown to `url` and, if anything was timed, the roofline beside it as `<name>-roofline.svg`.
  func write(to url: URL) throws {
    let chart = url.deletingPathExtension().lastPathComponent + "-roofline.svg"
    let picture = roofline.map { "![\($0.title)](\(chart))\n\n" } ?? ""
    try AtomicFile.write(
      """
      # Benchmarks

      Written by `hardwise bench --write`; every row is timed interleaved with the machine's limit and with the peers. Ratios \
      are medians over rounds, ± half the interquartile range: the peer's time over ours, so more than 1 means that we are \
      faster. *Limit* is the lower of the measured arithmetic peak and operations per byte times the measured bandwidth.

      \(picture)\(tables.map { "## \($0.title)\n\n" + $0.markdown() }.joined(separator: "\n"))
      """, to: url)
    if let roofline {
      try AtomicFile.write(
        Chart.roofline(roofline).svg(), to: url.deletingLastPathComponent().appendingPathComponent(chart))
    }
  }

  private var tables: [Table] {
    [machine.table] + (rows.isEmpty ? [] : [hotLoops]) + layers.map(\.table)
  }

  private var hotLoops: Table {
    var columns: [TableColumn] = [
      .text("work"), .number("threads", decimals: 0), .number("time", unit: "ms", decimals: 2),
      .number("rate", decimals: 1), .text("unit"), .number("of limit", unit: "%", decimals: 0), .text("limit"),
      .number("images/s", decimals: 0),
    ]
    for peer in peers {
      columns += [.number(peer, unit: "ms", decimals: 2), .number("×", decimals: 2), .number("±", decimals: 2)]
    }
    let title = peers.isEmpty ? "Hot loops" : "Beside \(peers.joined(separator: " and "))"
    var table = Table(title: title, columns: columns)
    for row in rows {
      var cells: [TableCell] = [
        .text(row.name), .integer(row.threads), .number(row.milliseconds), .number(row.rate), .text(row.rateUnit),
        .number(100 * row.ofLimit), .text(row.limitName), row.imagesPerSecond.map { .number($0) } ?? .missing,
      ]
      for peer in peers {
        let result = row.peers.first { $0.peer == peer }
        cells += [result?.milliseconds, result?.ratio, result?.spread].map { $0.map { .number($0) } ?? .missing }
      }
      table.append(cells)
    }
    return table
  }

  /// All floating-point work on all threads as dots under the machine's roof.
  private var roofline: RooflineChart? {
    let kernels = rows.filter { $0.rateUnit == "GFLOP/s" && $0.threads == machine.threads }.compactMap { row in
      row.intensity.map {
        RooflineChart.Kernel(
          row.name, intensity: $0, gigaoperationsPerSecond: row.rate,
          group: row.name.hasPrefix("GEMM") ? "matrix products" : "convolutions")
      }
    }
    guard !(kernels.isEmpty && layers.isEmpty) else { return nil }
    return RooflineChart(
      name: "roofline", title: "Kernels under the roof of \(machine.processor), \(machine.threads) threads",
      ceilings: machine.ceilings, kernels: kernels + layers.flatMap(\.dots))
  }
}
