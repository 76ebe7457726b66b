import Foundation
import JSONC
import VisionModels

/// How cells are written.
public struct WriteModel: Sendable, Hashable, Codable {
  /// Length of a pulse, ns.
  public var pulse: Constant
  /// Time to verify a pulse, ns.
  public var verify: Constant
  /// Pulses until a cell is where it should be.
  public var pulsesPerCell: Constant
  /// Cells that are written at once.
  public var parallelCells: Constant
  /// Energy of a pulse, pJ.
  public var pulseEnergy: Constant
  /// Energy of a verification, pJ.
  public var verifyEnergy: Constant

  /// Time to write a number of cells of one crossbar, in ns.
  public func nanoseconds(cells: Double) -> Double {
    (cells / parallelCells.value).rounded(.up) * pulsesPerCell.value * (pulse.value + verify.value)
  }

  /// Energy to write a number of cells, in pJ.
  public func picojoules(cells: Double) -> Double {
    cells * pulsesPerCell.value * (pulseEnergy.value + verifyEnergy.value)
  }
}

/// Every constant of the cost model, with unit and source (section 4.1); read from JSON.
public struct HardwareConfiguration: Sendable, Hashable, Codable {
  /// Arrays and cells.
  public struct Crossbar: Sendable, Hashable, Codable {
    /// Word lines (R).
    public var rows: Constant
    /// Physical bit lines (Cc).
    public var columns: Constant
    /// Bits per cell (g).
    public var cellBits: Constant
    /// Resistance of the highest level.
    public var onResistance: Constant
    /// Resistance of level 0.
    public var offResistance: Constant
    /// Resistance of one wire segment.
    public var wireResistance: Constant
    /// Writes that a cell survives.
    public var endurance: Constant
  }

  /// Reading and converting.
  public struct Read: Sendable, Hashable, Codable {
    /// One analog cycle.
    public var cycle: Constant
    /// One read of a crossbar.
    public var arrayEnergy: Constant
    /// One word-line driver for one cycle.
    public var dacEnergy: Constant
    /// One conversion.
    public var adcEnergy: Constant
    /// One shift-add.
    public var addEnergy: Constant
    /// One bit from on-chip memory.
    public var sramEnergy: Constant
    /// One bit from off-chip memory.
    public var dramEnergy: Constant
  }

  /// The digital combiner.
  public struct Digital: Sendable, Hashable, Codable {
    /// Shift-add lanes per crossbar.
    public var lanes: Constant
    /// Digital clock period.
    public var cycle: Constant
    /// Columns converted in one read cycle, per crossbar.
    public var conversionsPerRead: Constant
  }

  /// Silicon.
  public struct Area: Sendable, Hashable, Codable {
    /// A crossbar's share of its tile.
    public var tileShare: Constant
    /// One converter.
    public var converter: Constant
    /// One array.
    public var array: Constant
    /// One analog switch with its configuration bit.
    public var `switch`: Constant
    /// Register and adder of one summing line.
    public var accumulator: Constant
  }

  /// Format version.
  public var version: Int
  /// Arrays and cells.
  public var crossbar: Crossbar
  /// Reading and converting.
  public var read: Read
  /// The digital combiner.
  public var digital: Digital
  /// Silicon.
  public var area: Area
  /// Write models by name.
  public var writes: [String: WriteModel]

  /// The configuration shipped with the package.
  public static func standard() throws(BasisNError) -> HardwareConfiguration {
    guard let url = Bundle.module.url(forResource: "hardware", withExtension: "json", subdirectory: "Resources") else {
      throw .invalidFile(path: "hardware.json", detail: "the package resource is missing; rebuild the package")
    }
    return try HardwareConfiguration(loading: url)
  }

  /// Reads a configuration of the same form.
  /// - Throws: ``BasisNError/invalidFile(path:detail:)``, ``BasisNError/invalidSetting(_:value:expected:)``.
  public init(loading url: URL) throws(BasisNError) {
    do {
      self = try JSON.read(HardwareConfiguration.self, from: url)
    } catch {
      throw .invalidFile(path: url.path, detail: "\(error)")
    }
    try validate()
  }

  /// Names of the write models, slowest last.
  public var writeNames: [String] {
    writes.keys.sorted { a, b in
      let (first, second) = (writes[a]?.nanoseconds(cells: 16_384) ?? 0, writes[b]?.nanoseconds(cells: 16_384) ?? 0)
      return first == second ? a < b : first < second
    }
  }

  /// A write model by name.
  /// - Throws: ``BasisNError/unknownName(kind:name:known:)``.
  public func write(_ name: String) throws(BasisNError) -> WriteModel {
    guard let model = writes[name] else { throw .unknownName(kind: "write preset", name: name, known: writeNames) }
    return model
  }

  /// Word lines as a count.
  public var rows: Int { Int(crossbar.rows.value) }
  /// Signed columns per crossbar (P).
  public var signedColumns: Int { Int(crossbar.columns.value) / 2 }
  /// Cells of a crossbar.
  public var cells: Int { Int(crossbar.rows.value) * Int(crossbar.columns.value) }

  /// Checks every constant.
  public func validate() throws(BasisNError) {
    let counts: [(String, Constant)] = [
      ("crossbar.rows", crossbar.rows), ("crossbar.columns", crossbar.columns), ("read.cycle", read.cycle),
      ("digital.lanes", digital.lanes), ("digital.cycle", digital.cycle),
      ("digital.conversionsPerRead", digital.conversionsPerRead), ("crossbar.endurance", crossbar.endurance),
    ]
    for (name, constant) in counts {
      try require(constant.value > 0 && constant.value < 1e12, name, constant.value, "a positive number")
    }
    try require(signedColumns >= 1, "crossbar.columns", crossbar.columns.value, "2 or more")
    try CellModel(
      bits: Int(crossbar.cellBits.value), onResistance: crossbar.onResistance.value,
      offResistance: crossbar.offResistance.value
    ).validate()
    for (name, constant) in [
      ("read.arrayEnergy", read.arrayEnergy), ("read.dacEnergy", read.dacEnergy), ("read.adcEnergy", read.adcEnergy),
      ("read.addEnergy", read.addEnergy), ("read.sramEnergy", read.sramEnergy), ("read.dramEnergy", read.dramEnergy),
    ] {
      try require(constant.value >= 0 && constant.value.isFinite, name, constant.value, "0 or more")
    }
    for (name, model) in writes {
      for constant in [model.pulse, model.verify, model.pulsesPerCell, model.pulseEnergy, model.verifyEnergy] {
        try require(constant.value >= 0 && constant.value.isFinite, "writes.\(name)", constant.value, "0 or more")
      }
      try require(
        model.parallelCells.value >= 1, "writes.\(name).parallelCells", model.parallelCells.value, "1 or more")
    }
  }
}
