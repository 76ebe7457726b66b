/// One piece of work that the tool can time, and how to judge the time.
struct BenchItem {
  /// What limits the rate.
  enum Limit {
    /// The FMA peak of the threads in use.
    case arithmetic
    /// The memory bandwidth.
    case memory
  }

  /// What is done, for the table.
  let name: String
  /// Threads in use.
  let threads: Int
  /// Float operations (or bytes, if ``limit`` is memory) of one repetition.
  let work: Double
  let limit: Limit
  /// Images of one repetition, when that is what people count.
  var images: Int?
  /// The same work for a peer.
  var request: PeerRequest?
  /// Does the work once.
  let body: () throws -> Void
}

/// One row of the result.
struct BenchRow: Encodable {
  let name: String
  let threads: Int
  /// Median time of one repetition.
  let milliseconds: Double
  /// GFLOP/s or GB/s.
  let rate: Double
  let rateUnit: String
  /// The machine's limit in the same unit, measured in the same rounds.
  let limit: Double
  let limitName: String
  let ofLimit: Double
  let imagesPerSecond: Double?
  /// The peer's median time.
  let peerMilliseconds: Double?
  /// Peer's time over ours, the median over rounds, and half its interquartile range.
  let ratioToPeer: Double?
  let ratioSpread: Double?
}
