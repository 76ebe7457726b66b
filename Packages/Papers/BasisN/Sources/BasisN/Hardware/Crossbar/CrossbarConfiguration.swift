/// The physics of a crossbar, every effect with a switch of its own (section 4.4).
public struct CrossbarConfiguration: Sendable, Hashable, Codable {
  /// Word lines (R).
  public var rows: Int
  /// Physical bit lines (Cc); a signed column takes two.
  public var columns: Int
  /// Cells.
  public var cell: CellModel
  /// Programming error.
  public var programming: ProgrammingError
  /// Share of cells stuck at level 0.
  public var stuckLow: Double
  /// Share of cells stuck at the highest level.
  public var stuckHigh: Double
  /// Exponent ν of the drift `G(t) = G₀·(t/t₀)^-ν`; 0 for none.
  public var driftExponent: Double
  /// Time since programming in units of t₀.
  public var driftTime: Double
  /// Relative standard deviation of a cell's current per read; 0 for none.
  public var readNoise: Double
  /// Resistance of one wire segment of either line, in ohms; 0 for perfect wires.
  public var wireResistance: Double
  /// Bits that the word-line drivers apply at once; the rest follows in further cycles.
  public var dacBits: Int
  /// Converters; nil for exact ones.
  public var converter: ConverterConfiguration?
  /// Whether one digital factor per crossbar undoes the mean loss of current.
  public var correctsGain: Bool
  /// Seed of everything random.
  public var seed: UInt64

  /// Ideal 128 × 128 crossbars unless said otherwise.
  public init(
    rows: Int = 128, columns: Int = 128, cell: CellModel = CellModel(), programming: ProgrammingError = .none,
    stuckLow: Double = 0, stuckHigh: Double = 0, driftExponent: Double = 0, driftTime: Double = 1,
    readNoise: Double = 0, wireResistance: Double = 0, dacBits: Int = 8, converter: ConverterConfiguration? = nil,
    correctsGain: Bool = true, seed: UInt64 = 0
  ) {
    self.rows = rows
    self.columns = columns
    self.cell = cell
    self.programming = programming
    self.stuckLow = stuckLow
    self.stuckHigh = stuckHigh
    self.driftExponent = driftExponent
    self.driftTime = driftTime
    self.readNoise = readNoise
    self.wireResistance = wireResistance
    self.dacBits = dacBits
    self.converter = converter
    self.correctsGain = correctsGain
    self.seed = seed
  }

  /// Signed columns (P).
  public var signedColumns: Int { columns / 2 }

  /// Checks every field.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)``.
  public func validate() throws(BasisNError) {
    try cell.validate()
    try require((1...4096).contains(rows), "rows", rows, "1…4096")
    try require((2...4096).contains(columns) && columns % 2 == 0, "columns", columns, "an even number in 2…4096")
    for (name, value) in [("stuckLow", stuckLow), ("stuckHigh", stuckHigh)] {
      try require((0...1).contains(value), name, value, "0…1")
    }
    try require(stuckLow + stuckHigh <= 1, "stuckLow + stuckHigh", stuckLow + stuckHigh, "at most 1")
    try require(driftExponent >= 0 && driftExponent.isFinite, "driftExponent", driftExponent, "0 or a positive number")
    try require(driftTime > 0 && driftTime.isFinite, "driftTime", driftTime, "a positive number")
    try require(readNoise >= 0 && readNoise.isFinite, "readNoise", readNoise, "0 or a positive number")
    try require(wireResistance >= 0 && wireResistance.isFinite, "wireResistance", wireResistance, "0 or more ohms")
    try require((1...8).contains(dacBits), "dacBits", dacBits, "1…8")
    try converter?.validate()
  }
}
