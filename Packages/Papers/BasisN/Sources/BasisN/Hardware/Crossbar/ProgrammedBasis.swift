import TinyTensor

/// The global basis as a chip holds it, spread over as many crossbars as it needs.
public struct ProgrammedBasis: Sendable {
  /// Effective levels `[rows, vectors]`.
  public let levels: Tensor
  /// Variance of a column sum per squared input, `[rows, vectors]`.
  public let noiseVariances: Tensor
  /// Crossbars in use.
  public let crossbars: Int
  /// Mean gain of each crossbar before the digital correction.
  public let gains: [Double]

  /// Programs the basis; vector `j` becomes signed column `j mod P` of crossbar `j / P`.
  public init(_ basis: BasisSet, configuration: CrossbarConfiguration) throws(BasisNError) {
    try configuration.validate()
    try require(basis.length <= configuration.rows, "basis length", basis.length, "at most \(configuration.rows) rows")
    try require(
      basis.cellBits <= configuration.cell.bits, "basis cellBits", basis.cellBits, "at most \(configuration.cell.bits)")
    let pairs = configuration.signedColumns
    let crossbars = (basis.count + pairs - 1) / pairs
    let columns = try concurrently(crossbars) { crossbar throws(BasisNError) in
      let vectors = crossbar * pairs..<min((crossbar + 1) * pairs, basis.count)
      var levels: [Int] = []
      for row in 0..<basis.length { levels += vectors.map { Int(basis.levels[$0 * basis.length + row]) } }
      return try ProgrammedColumns(
        levels: levels, pairs: vectors.count, crossbar: crossbar, configuration: configuration)
    }
    self.crossbars = crossbars
    gains = columns.map(\.gain)
    levels = Tensor.concatenatedLast(columns.map(\.levels))
    noiseVariances = Tensor.concatenatedLast(columns.map(\.noiseVariances))
  }
}
