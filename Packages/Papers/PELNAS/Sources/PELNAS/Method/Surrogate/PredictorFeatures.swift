/// What the predictor sees of every cell: thirteen proxies, and if wished the canonical word.
public struct PredictorFeatures: Sendable {
  /// One row per cell code.
  public let matrix: FeatureMatrix
  /// Names of the columns.
  public let names: [String]

  /// Features of the whole space.
  ///
  /// - Parameter includesWord: adds the canonical word, one-hot (30 columns), as active search does.
  /// - Throws: ``PELNASError`` if the tables lack a proxy.
  public init(_ benchmark: Benchmark, _ dataSet: DataSet, includesWord: Bool = false) throws(PELNASError) {
    var columns: [[Float]] = []
    var names: [String] = []
    for proxy in Proxy.allCases {
      columns.append(Cell.all.map { benchmark.proxy(proxy, $0, dataSet) ?? Proxy.notANumber })
      names.append(proxy.rawValue)
    }
    if includesWord {
      for edge in 0..<Cell.edgeCount {
        for operation in CellOperation.allCases {
          columns.append(Cell.all.map { $0.canonical[edge] == operation ? 1 : 0 })
          names.append("edge\(edge)=\(operation.shortName)")
        }
      }
    }
    matrix = try FeatureMatrix(columns: columns)
    self.names = names
  }
}
