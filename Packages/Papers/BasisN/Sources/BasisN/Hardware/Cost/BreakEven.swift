/// Which scheme wins where: batch size × write time, for a given network and load.
public struct BreakEven: Sendable, Hashable, Codable {
  /// Batch sizes.
  public let batches: [Int]
  /// Time to write one cell, µs.
  public let writeMicroseconds: [Double]
  /// Cycles with the basis over cycles with reprogramming, `[write time][batch]`.
  public let ratios: [[Double]]

  /// Computes the map.
  /// - Parameter model: its write model gives energy and parallelism; its times are replaced.
  public init(
    _ shape: NetworkShape, load: BasisLoad, model: CostModel, batches: [Int] = [1, 2, 4, 8, 16, 32, 64, 128],
    writeMicroseconds: [Double] = [0.1, 0.3, 1, 3, 10, 30]
  ) throws(BasisNError) {
    let own = try model.basis(load).cycles
    var ratios: [[Double]] = []
    for time in writeMicroseconds {
      var variant = model
      variant.write.pulsesPerCell.value = 1
      variant.write.pulse.value = time * 1000
      variant.write.verify.value = 0
      var row: [Double] = []
      for batch in batches { row.append(own / (try variant.reprogramming(shape, batch: batch).cycles)) }
      ratios.append(row)
    }
    self.batches = batches
    self.writeMicroseconds = writeMicroseconds
    self.ratios = ratios
  }

  /// The batch from which reprogramming needs fewer cycles than the basis; nil if it never does, 1 if it always does.
  /// - Parameter limit: largest batch looked at.
  public static func batch(
    _ shape: NetworkShape, load: BasisLoad, model: CostModel, limit: Int = 1 << 20
  ) throws(BasisNError) -> Int? {
    let own = try model.basis(load).cycles
    func reprogrammingWins(_ batch: Int) throws(BasisNError) -> Bool {
      try model.reprogramming(shape, batch: batch).cycles < own
    }
    guard try reprogrammingWins(limit) else { return nil }
    var (lower, upper) = (0, limit)
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if try reprogrammingWins(middle) { upper = middle } else { lower = middle }
    }
    return upper
  }
}
