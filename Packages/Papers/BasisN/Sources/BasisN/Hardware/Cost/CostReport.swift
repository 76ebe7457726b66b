/// Time, energy and wear of one inference.
public struct CostReport: Sendable, Hashable, Codable {
  /// Who computes.
  public var scheme: String
  /// Crossbars in use.
  public var crossbars: Int
  /// Cycles of reading (one cycle is one analog read).
  public var readCycles: Double
  /// Cycles of writing, per inference.
  public var writeCycles: Double
  /// Whether writing hides behind reading, layer by layer; then ``cycles`` is not the sum.
  public var overlappedCycles: Double?
  /// Energy of reads and conversions, pJ.
  public var readPicojoules: Double
  /// Energy of writes, pJ per inference.
  public var writePicojoules: Double
  /// Energy of digital work and memory, pJ.
  public var digitalPicojoules: Double
  /// Writes of a cell per inference.
  public var writesPerCell: Double
  /// Time of one cycle, ns.
  public var cycleNanoseconds: Double
  /// Writes that a cell survives.
  public var endurance: Double

  /// Cycles in all.
  public var cycles: Double { overlappedCycles ?? readCycles + writeCycles }
  /// Energy in all, pJ.
  public var picojoules: Double { readPicojoules + writePicojoules + digitalPicojoules }
  /// Seconds of one inference.
  public var seconds: Double { cycles * cycleNanoseconds * 1e-9 }
  /// Energy-delay product, joule seconds.
  public var energyDelay: Double { picojoules * 1e-12 * seconds }
  /// Inferences until the cells wear out; infinite without writes.
  public var lifetimeInferences: Double { writesPerCell > 0 ? endurance / writesPerCell : .infinity }

  /// Years until the cells wear out.
  public func lifetimeYears(inferencesPerSecond: Double) -> Double {
    lifetimeInferences / inferencesPerSecond / (365.25 * 86_400)
  }
}
