/// One row of the result.
struct BenchRow: Encodable {
  let name: String
  let threads: Int
  /// Median time of one repetition.
  let milliseconds: Double
  /// 10⁹ operations or bytes per second.
  let rate: Double
  let rateUnit: String
  /// The machine's limit in the same unit, measured in the same rounds.
  let limit: Double
  let limitName: String
  let ofLimit: Double
  /// Operations per byte of compulsory traffic.
  let intensity: Double?
  let imagesPerSecond: Double?
  /// The same work in other programs.
  let peers: [PeerResult]

  /// The median time of the first peer and how much faster we are, which is what latency comparisons show.
  var peerMilliseconds: Double? { peers.first?.milliseconds }
  var ratioToPeer: Double? { peers.first?.ratio }

  /// What one peer did.
  struct PeerResult: Encodable {
    let peer: String
    /// Its median time.
    let milliseconds: Double
    /// Its time over ours, the median over rounds, and half the interquartile range.
    let ratio: Double
    let spread: Double
  }
}
