import ReproductionKit
import TinyTensor
import VisionModels

/// Measured time of one network at one batch size and thread count.
public struct LatencyRow: Sendable, Hashable, Codable {
  /// Name of the network, as given.
  public let name: String
  /// Images per pass.
  public let batch: Int
  /// Threads.
  public let threads: Int
  /// Median wall time of a pass, milliseconds.
  public let medianMilliseconds: Double
  /// Fastest pass, milliseconds.
  public let bestMilliseconds: Double
  /// How many times faster than the first network: median over rounds of the ratio within a round.
  public let speedUp: Double
  /// The same from the fastest passes, which a busy machine disturbs less.
  public let bestSpeedUp: Double
  /// Multiply-accumulates of the first network per one of this.
  public let macsRatio: Double
}

/// Measures inference time of networks against each other (section 4a): batch norms folded, passes interleaved A/B/A/B so that
/// drifts of the machine hit all alike.
public struct LatencyMeter: Sendable {
  /// Interleaved rounds.
  public var rounds: Int
  /// Batch sizes.
  public var batches: [Int]
  /// Thread counts.
  public var threads: [Int]

  /// Shortest time of one sample; faster passes are repeated within it. In seconds.
  public var minimumSampleSeconds = 0.01

  /// Creates a meter.
  public init(rounds: Int = 30, batches: [Int] = [1, 128], threads: [Int] = [1, 2]) {
    self.rounds = rounds
    self.batches = batches
    self.threads = threads
  }

  /// The protocol of the package's settings.
  public init(_ settings: HardwareSettings) {
    self.init(
      rounds: Int(settings.latency.rounds.value), batches: settings.latency.batches, threads: settings.latency.threads)
  }

  /// Measures all networks; the first is the reference.
  /// - Throws: ``PruneError/network(_:)`` if a network cannot be run.
  public func compare(_ networks: [(name: String, network: Network)]) throws(PruneError) -> [LatencyRow] {
    guard let first = networks.first else { return [] }
    var rows: [LatencyRow] = []
    let engines = try compile(networks)
    let macs = networks.map { Double($0.network.cost().macs) }
    let timer = InterleavedTimer(rounds: max(1, rounds), warmUpRounds: 3, minimumSampleSeconds: minimumSampleSeconds)
    for threadCount in threads {
      for batch in batches {
        var generator = Philox(seed: 1, stream: "latency")
        let images = Tensor.normal([batch] + first.network.inputShape, using: &generator)
        let timing = try timer.measure(engines, images: images, threads: threadCount)
        for (index, name) in timing.names.enumerated() {
          let samples = timing.seconds[index]
          rows.append(
            LatencyRow(
              name: name, batch: batch, threads: threadCount,
              medianMilliseconds: Statistics.median(samples) * 1e3,
              bestMilliseconds: (samples.min() ?? .nan) * 1e3,
              speedUp: timing.ratio(timing.names[0], over: name).value,
              bestSpeedUp: (timing.seconds[0].min() ?? .nan) / (samples.min() ?? .nan),
              macsRatio: macs[0] / max(1, macs[index])))
        }
      }
    }
    return rows
  }

  private func compile(
    _ networks: [(name: String, network: Network)]
  ) throws(PruneError) -> [(name: String, engine: InferenceEngine)] {
    var engines: [(name: String, engine: InferenceEngine)] = []
    for entry in networks {
      engines.append((entry.name, try asPruneError { () throws(NetworkError) in try InferenceEngine(entry.network) }))
    }
    return engines
  }
}

extension InterleavedTimer {
  /// Times passes of compiled networks over the same images.
  func measure(
    _ engines: [(name: String, engine: InferenceEngine)], images: Tensor, threads: Int
  ) throws(PruneError) -> InterleavedTiming {
    let alternatives = engines.map { entry in (entry.name, { _ = try entry.engine.logits(images) }) }
    do {
      return try Threads.withCount(threads) { try measure(alternatives) }
    } catch let error as NetworkError {
      throw .network(error)
    } catch {
      throw .notFinite(layer: "latency", what: "a measurement (\(error))")
    }
  }
}

extension [LatencyRow] {
  /// The rows as a table.
  public func table(title: String) -> Table {
    var table = Table(
      title: title,
      columns: [
        .text("network"), .number("batch"), .number("threads"), .number("median", unit: "ms", decimals: 3),
        .number("best", unit: "ms", decimals: 3), .number("speed-up", unit: "×", decimals: 2),
        .number("speed-up of best", unit: "×", decimals: 2),
        .number("MACs ratio", unit: "×", decimals: 2),
      ])
    for row in self {
      table.append([
        .text(row.name), .integer(row.batch), .integer(row.threads), .number(row.medianMilliseconds),
        .number(row.bestMilliseconds), .number(row.speedUp), .number(row.bestSpeedUp), .number(row.macsRatio),
      ])
    }
    return table
  }
}
