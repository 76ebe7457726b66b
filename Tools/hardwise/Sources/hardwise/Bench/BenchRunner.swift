import ReproductionKit
import TinyTensor

/// Times items in rounds: the machine's limit, ours, the peers, the limit, … so that all see the same machine.
struct BenchRunner {
  /// Rounds per item.
  var rounds = 5
  /// Time of our side per round, in seconds.
  var seconds = 0.25
  /// Other programs, possibly none.
  var peers: [PeerProcess] = []

  /// Measures one item.
  func measure(_ item: BenchItem) throws -> BenchRow {
    var own: [Double] = []
    var limits: [Double] = []
    var others = Array(repeating: [Double](), count: peers.count)
    let isMemoryBound = try Threads.withCount(item.threads) {
      let body = try item.prepare()
      try body()
      for _ in 0..<rounds {
        limits.append(limit(of: item))
        own.append(try median(of: body))
        guard var request = item.request else { continue }
        request.seconds = seconds
        for (index, peer) in peers.enumerated() {
          if let time = try peer.seconds(request) { others[index].append(time) }
        }
      }
      return limit(of: item) < peak(of: item) * 0.9
    }
    let time = Statistics.median(own)
    let rate = 1e-9 * item.work / time
    let roof = Statistics.median(limits)
    return BenchRow(
      name: item.name, threads: item.threads, milliseconds: 1e3 * time, rate: rate, rateUnit: item.limit.unit,
      limit: roof, limitName: isMemoryBound ? "memory" : item.limit.peakName, ofLimit: rate / roof,
      intensity: item.intensity, imagesPerSecond: item.images.map { Double($0) / time },
      peers: zip(peers, others).compactMap { peer, times in
        guard times.count == own.count else { return nil }
        let ratios = zip(times, own).map { $0 / $1 }
        return BenchRow.PeerResult(
          peer: peer.name, milliseconds: 1e3 * Statistics.median(times), ratio: Statistics.median(ratios),
          spread: (Statistics.percentile(ratios, 75) - Statistics.percentile(ratios, 25)) / 2)
      })
  }

  /// The roofline at the item's operations per byte.
  private func limit(of item: BenchItem) -> Double {
    guard case .products = item.limit else { return MachineProbe.memoryBandwidth() }
    let peak = peak(of: item)
    // Above this many operations per byte no machine of today is limited by its memory.
    guard let intensity = item.intensity, intensity < 16 else { return peak }
    return min(peak, intensity * MachineProbe.memoryBandwidth())
  }

  private func peak(of item: BenchItem) -> Double {
    guard case .products(let kind) = item.limit else { return .infinity }
    return MachineProbe.peak(kind, threads: item.threads)
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

extension BenchItem.Limit {
  fileprivate var unit: String {
    switch self {
    case .products(.float32), .products(.bfloat16): "GFLOP/s"
    case .products(.int8): "GOP/s"
    case .memory: "GB/s"
    }
  }

  fileprivate var peakName: String {
    switch self {
    case .products(.float32): "FMA peak"
    case .products(let kind): "\(kind.rawValue) peak"
    case .memory: "memory"
    }
  }
}
