/// Silicon that the analog combiner adds to a crossbar: switches from every signed column to every summing line, in two
/// polarities, and a register with an adder per line (claim of a marginal change, section 6, C9).
public struct SwitchMatrix: Sendable, Hashable, Codable {
  /// Summing lines (A).
  public let lines: Int
  /// Switches and their configuration bits, µm².
  public let switches: Double
  /// Registers and adders, µm².
  public let accumulators: Double
  /// Share of the crossbar's part of a tile.
  public let shareOfTile: Double
  /// Share of array and converter alone.
  public let shareOfArray: Double

  /// Area for a number of lines.
  public init(lines: Int, hardware: HardwareConfiguration) {
    self.lines = lines
    switches = Double(hardware.signedColumns * lines * 2) * hardware.area.switch.value
    accumulators = Double(lines) * hardware.area.accumulator.value
    let sum = switches + accumulators
    shareOfTile = sum / hardware.area.tileShare.value
    shareOfArray = sum / (hardware.area.array.value + hardware.area.converter.value)
  }
}
