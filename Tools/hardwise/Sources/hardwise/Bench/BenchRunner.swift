import ReproductionKit
import TinyTensor

/// Times items in rounds: ours, the machine's limit, the peer, ours, … so that all see the same machine.
struct BenchRunner {
  /// Rounds per item.
  var rounds = 5
  /// Time of our side per round, in seconds.
  var seconds = 0.25
  /// The other program, if any.
  var peer: PeerProcess?

  /// Measures one item.
  func measure(_ item: BenchItem) throws -> BenchRow {
    var own: [Double] = []
    var limits: [Double] = []
    var others: [Double] = []
    try Threads.withCount(item.threads) {
      try item.body()
      for _ in 0..<rounds {
        limits.append(
          item.limit == .memory
            ? MachineProbe.memoryBandwidth() : MachineProbe.peakGigaflops() * Double(item.threads))
        own.append(try median(of: item.body))
        if var request = item.request, let peer {
          request.seconds = seconds
          if let time = try peer.seconds(request) { others.append(time) }
        }
      }
    }
    let time = Statistics.median(own)
    let limit = Statistics.median(limits)
    let rate = 1e-9 * item.work / time
    let ratios = others.count == own.count ? zip(others, own).map { $0 / $1 } : []
    return BenchRow(
      name: item.name, threads: item.threads, milliseconds: 1e3 * time, rate: rate,
      rateUnit: item.limit == .memory ? "GB/s" : "GFLOP/s", limit: limit,
      limitName: item.limit == .memory ? "memory" : "FMA peak", ofLimit: rate / limit,
      imagesPerSecond: item.images.map { Double($0) / time },
      peerMilliseconds: ratios.isEmpty ? nil : 1e3 * Statistics.median(others),
      ratioToPeer: ratios.isEmpty ? nil : Statistics.median(ratios),
      ratioSpread: ratios.isEmpty
        ? nil : (Statistics.percentile(ratios, 75) - Statistics.percentile(ratios, 25)) / 2)
  }

  private func median(of body: () throws -> Void) throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    var times: [Double] = []
    repeat {
      let before = clock.now
      try body()
      times.append(Self.seconds(clock.now - before))
    } while Self.seconds(clock.now - start) < seconds
    return Statistics.median(times)
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
  }
}
