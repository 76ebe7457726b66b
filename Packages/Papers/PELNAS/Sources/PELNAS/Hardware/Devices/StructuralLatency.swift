import TinyTensor

/// A latency model of measured cells: ridge regression on which live operation sits on which edge, and on the depth.
public struct StructuralLatency: CostModel, Hashable {
  public let name: String
  public var unit: String { "ms" }
  public var evidence: Evidence { .predicted }
  private let coefficients: [Double]

  /// Least number of measured cells.
  public static let minimumMeasurements = 10

  /// Fits the model.
  ///
  /// - Throws: ``PELNASError/invalidSetting(_:value:expected:)`` for too few measurements.
  public static func fit(name: String, _ measurements: [Cell: Double]) throws(PELNASError) -> StructuralLatency {
    try require(
      measurements.count >= minimumMeasurements, "number of measured cells", measurements.count,
      "at least \(minimumMeasurements)")
    let rows = measurements.sorted { $0.key < $1.key }
    let features = rows.map { Self.features($0.key) }
    let width = features[0].count
    var normal = DoubleMatrix(zeros: width, width)
    var right = DoubleMatrix(zeros: width, 1)
    for (row, measured) in zip(features, rows) {
      for i in 0..<width where row[i] != 0 {
        right[i, 0] += row[i] * measured.value
        for j in 0..<width { normal[i, j] += row[i] * row[j] }
      }
    }
    // A little ridge keeps operations that were never measured at zero; the constant is free.
    for i in 1..<width { normal[i, i] += 0.1 }
    do {
      return StructuralLatency(name: name, coefficients: try LinearAlgebra.solve(normal, right).values)
    } catch {
      throw .badFile(path: name, problem: "the measurements do not determine a model (\(error)); measure more cells")
    }
  }

  /// Constant, one-hot of the 24 computing or copying edge operations, count of convolutions and poolings, depth.
  private static func features(_ cell: Cell) -> [Double] {
    let live = cell.canonical
    var row = [1.0]
    for edge in 0..<Cell.edgeCount {
      for operation in CellOperation.allCases.dropFirst() { row.append(live[edge] == operation ? 1 : 0) }
    }
    return row + [
      Double(live.count(.conv3x3)), Double(live.count(.conv1x1)), Double(live.count(.avgPool3x3)), Double(cell.depth),
    ]
  }

  public func costs(of cells: [Cell]) -> [Double?] {
    cells.map { cell in
      guard cell.isConnected else { return nil }
      return max(1e-6, zip(Self.features(cell), coefficients).reduce(0) { $0 + $1.0 * $1.1 })
    }
  }
}
