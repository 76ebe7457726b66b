import Synchronization

/// Counts conversions and clipped ones of a layer while the network runs.
public final class ConversionStatistics: Sendable {
  /// Name of the layer.
  public let layer: String
  private let conversions = Atomic<Int>(0)
  private let clipped = Atomic<Int>(0)

  /// Starts at zero.
  public init(layer: String) { self.layer = layer }

  func record(conversions count: Int, clipped clippedCount: Int) {
    conversions.add(count, ordering: .relaxed)
    clipped.add(clippedCount, ordering: .relaxed)
  }

  /// Conversions so far.
  public var total: Int { conversions.load(ordering: .relaxed) }
  /// Share of conversions that hit the end of the range.
  public var saturation: Double { total > 0 ? Double(clipped.load(ordering: .relaxed)) / Double(total) : 0 }
}
