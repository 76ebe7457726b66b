import TinyTensor

/// The signed columns of one programmed crossbar as the digital side sees them, in units of cell levels.
public struct ProgrammedColumns: Sendable {
  /// Effective levels `[rows, pairs]`, gain corrected.
  public let levels: Tensor
  /// Variance of a column sum per squared input, `[rows, pairs]`.
  public let noiseVariances: Tensor
  /// Mean of effective over meant levels before the correction.
  public let gain: Double

  /// Programs a crossbar and reads it back.
  public init(
    levels meant: [Int], pairs: Int, crossbar: Int, configuration: CrossbarConfiguration
  ) throws(BasisNError) {
    let cells = try ConductanceMatrix(
      programming: meant, pairs: pairs, crossbar: crossbar, configuration: configuration)
    let seen =
      configuration.wireResistance > 0
      ? try WireGrid(cells, segmentResistance: configuration.wireResistance).effectiveConductances() : cells
    let rows = configuration.rows
    let step = configuration.cell.step
    var effective = [Double](repeating: 0, count: rows * pairs)
    var variances = [Float](repeating: 0, count: rows * pairs)
    let noise = configuration.readNoise * configuration.readNoise
    for row in 0..<rows {
      for pair in 0..<pairs {
        let place = row * seen.columns + 2 * pair
        let (positive, negative) = (seen.values[place], seen.values[place + 1])
        effective[row * pairs + pair] = (positive - negative) / step
        variances[row * pairs + pair] = Float(
          noise * (positive * positive + negative * negative) / (step * step))
      }
    }
    let product = zip(meant, effective).reduce(0.0) { $0 + Double($1.0) * $1.1 }
    let square = meant.reduce(0.0) { $0 + Double($1) * Double($1) }
    let gain = square > 0 && product > 0 ? product / square : 1
    let correction = configuration.correctsGain ? 1 / gain : 1
    self.gain = gain
    let isExact = configuration.isIdealProgramming
    levels = Tensor(
      shape: [rows, pairs],
      isExact
        ? meant.map(Float.init) + [Float](repeating: 0, count: rows * pairs - meant.count)
        : effective.map { Float($0 * correction) })
    noiseVariances = Tensor(shape: [rows, pairs], variances.map { $0 * Float(correction * correction) })
  }
}

extension CrossbarConfiguration {
  /// Whether cells hold exactly what was meant and wires are perfect, so that no rounding of conductances may show.
  var isIdealProgramming: Bool {
    programming == .none && stuckLow == 0 && stuckHigh == 0 && wireResistance == 0
      && (driftExponent == 0 || driftTime == 1)
  }
}
