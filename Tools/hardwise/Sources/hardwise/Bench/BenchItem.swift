import TinyTensor

/// One piece of work that the tool can time, and how to judge the time.
struct BenchItem {
  /// What limits the rate.
  enum Limit {
    /// The peak of one kind of product on the threads in use, or the memory bandwidth where the work has too few operations per byte.
    case products(ProductKind)
    /// The memory bandwidth.
    case memory

    /// Products of floats.
    static var arithmetic: Limit { .products(.float32) }
  }

  /// What is done, for the table.
  let name: String
  /// Threads in use.
  let threads: Int
  /// Operations (or bytes, if ``limit`` is memory) of one repetition.
  let work: Double
  let limit: Limit
  /// Bytes that must be read or written at least once, if they are known.
  var bytes: Double?
  /// Images of one repetition, when that is what people count.
  var images: Int?
  /// The same work for a peer.
  var request: PeerRequest?
  /// Makes the operands and returns what does the work once; called only for items that are timed.
  let prepare: () throws -> () throws -> Void

  /// Operations per byte.
  var intensity: Double? { bytes.map { work / $0 } }
}
