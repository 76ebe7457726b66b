import ReproductionKit
import TinyTensor

/// The machine's own limits, on one core and on all of them.
struct MachineLimits: Encodable {
  /// One limit.
  struct Limit: Encodable {
    let name: String
    let unit: String
    let oneThread: Double
    let allThreads: Double
  }

  let processor: String
  let cores: Int
  let threads: Int
  let simdWidth: Int
  let features: [String]
  let limits: [Limit]
  let parallelOverheadMicroseconds: Double

  static func measure() -> MachineLimits {
    let threads = Threads.count
    let both = { (name: String, unit: String, measure: (Int) -> Double) in
      Limit(name: name, unit: unit, oneThread: measure(1), allThreads: measure(threads))
    }
    let products = [
      (ProductKind.float32, "float32 multiply–add", "GFLOP/s"), (.bfloat16, "bfloat16 products", "GFLOP/s"),
      (.int8, "int8 products", "GOP/s"),
    ]
    let caches = [(16 << 10, "read from L1 (16 KiB)"), (256 << 10, "read from L2 (256 KiB)")]
    let memories = [(4 << 20, "read from L3 (4 MiB)"), (128 << 20, "read from memory (128 MiB)")]
    return MachineLimits(
      processor: MachineProbe.cpuName, cores: MachineProbe.cores, threads: threads, simdWidth: MachineProbe.simdWidth,
      features: MachineProbe.compiledFeatures,
      limits: products.map { kind, name, unit in both(name, unit) { MachineProbe.peak(kind, threads: $0) } }
        + (caches + memories).map { bytes, name in
          both(name, "GB/s") { MachineProbe.readBandwidth(workingSet: bytes, threads: $0) }
        }
        + [both("copy in memory, read + written", "GB/s") { Threads.withCount($0, MachineProbe.memoryBandwidth) }],
      parallelOverheadMicroseconds: MachineProbe.parallelOverhead())
  }

  /// The limit of that kind of product, and that of memory, on all threads: the roof of the chart.
  var ceilings: [RooflineChart.Ceiling] {
    [
      .compute(limits[0].name, gigaoperationsPerSecond: limits[0].allThreads),
      .bandwidth("memory", gigabytesPerSecond: limits[limits.count - 1].allThreads),
    ]
  }

  var summary: String {
    "\(processor), \(cores) cores, \(simdWidth) float lanes (\(features.joined(separator: ", "))); one parallel loop costs "
      + "\(NumberFormat.short(parallelOverheadMicroseconds)) µs"
  }

  var table: Table {
    var table = Table(
      title: "The machine",
      caption: summary,
      columns: [
        .text("limit"), .number("1 thread", decimals: 0), .number("\(threads) threads", decimals: 0), .text("unit"),
      ])
    for limit in limits {
      table.append([.text(limit.name), .number(limit.oneThread), .number(limit.allThreads), .text(limit.unit)])
    }
    return table
  }
}
