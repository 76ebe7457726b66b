/// Predicted time, energy and cycles of one layer for a whole batch.
public struct LayerEstimate: Sendable, Hashable {
  /// What bounds the predicted time.
  public enum Limit: String, Sendable, Codable {
    /// Arithmetic.
    case compute
    /// Memory bandwidth.
    case memory
    /// The fixed cost of a layer.
    case overhead
    /// Fused into another layer: costs nothing of its own.
    case fused
  }

  /// The exact counts the estimate is made from (one image).
  public let cost: LayerCost
  /// Predicted processor time, seconds.
  public internal(set) var seconds = 0.0
  /// What bounds it.
  public internal(set) var limit = Limit.fused
  /// Systolic-array cycles (matrix layers only).
  public internal(set) var cycles = 0
  /// Useful share of the array, 0…1.
  public internal(set) var utilisation = 0.0
  /// Accelerator time, seconds.
  public internal(set) var acceleratorSeconds = 0.0
  /// Bytes between on-chip buffer and array.
  public internal(set) var sramBytes = 0
  /// Bytes between DRAM and chip: weights once; activations only where one image's do not fit the buffer.
  public internal(set) var dramBytes = 0
  /// Energy of the arithmetic, pJ.
  public internal(set) var macPicojoules = 0.0
  /// Energy of the on-chip buffer, pJ.
  public internal(set) var sramPicojoules = 0.0
  /// Energy of the DRAM, pJ.
  public internal(set) var dramPicojoules = 0.0

  init(cost: LayerCost) {
    self.cost = cost
  }

  /// Total energy, pJ.
  public var picojoules: Double { macPicojoules + sramPicojoules + dramPicojoules }
  /// Float32 operations per byte moved, the abscissa of the roofline plot.
  public var intensity: Double {
    let bytes = cost.weightBytes + cost.inputBytes + cost.outputBytes
    return bytes == 0 ? 0 : 2 * Double(cost.macs) / Double(bytes)
  }
}

/// The estimates of a whole network for one batch.
public struct CostEstimate: Sendable, Hashable {
  /// Images in the batch.
  public let batch: Int
  /// One entry per node.
  public let layers: [LayerEstimate]

  /// Predicted processor time for the batch, seconds.
  public var seconds: Double { layers.reduce(0) { $0 + $1.seconds } }
  /// Predicted energy for the batch, joules.
  public var joules: Double { layers.reduce(0) { $0 + $1.picojoules } * 1e-12 }
  /// Systolic-array cycles for the batch.
  public var cycles: Int { layers.reduce(0) { $0 + $1.cycles } }
  /// Accelerator time for the batch, seconds.
  public var acceleratorSeconds: Double { layers.reduce(0) { $0 + $1.acceleratorSeconds } }
}
