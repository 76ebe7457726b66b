import Foundation
import TinyTensor

/// A Gaussian process as a surrogate, on proxies and the canonical word.
///
/// It sees `−ln(101 − accuracy)`, which spreads out the good cells and tames the ones that did not learn. Unlike trees it is smooth between
/// neighbouring words, which counts when there are a hundred labels.
public struct ProcessSurrogate: AccuracySurrogate {
  public let name = "Gaussian process"
  private let groups: [GaussianProcess.Group]

  /// A surrogate on the proxies and words of a data set.
  ///
  /// Proxies enter as ranks of unit variance, since their values span many orders of magnitude; the word one-hot.
  /// - Throws: ``PELNASError`` if the tables lack a proxy.
  public init(_ benchmark: Benchmark, _ dataSet: DataSet) throws(PELNASError) {
    let features = try PredictorFeatures(benchmark, dataSet, includesWord: true)
    let (cells, proxies, columns) = (Cell.spaceSize, Proxy.allCases.count, features.names.count)
    let ranks = (0..<proxies).map { column in
      RelativeRanks.of((0..<cells).map { features.matrix[$0, column] }).map { ($0 - 0.5) * Float(12).squareRoot() }
    }
    groups = [
      GaussianProcess.Group(
        Tensor(shape: [cells, proxies], (0..<cells).flatMap { row in ranks.map { $0[row] } }),
        lengthScales: [1.5, 3, 6, 12]),
      GaussianProcess.Group(
        Tensor(
          shape: [cells, columns - proxies],
          (0..<cells).flatMap { row in (proxies..<columns).map { features.matrix[row, $0] } }),
        lengthScales: [1, 2, 4, 8]),
    ]
  }

  public func estimate(
    _ cells: [Cell], from labelled: [ScoredCell], seed: UInt64
  ) throws(PELNASError) -> (mean: [Double], deviation: [Double]) {
    try GaussianProcess.fit(
      groups, rows: labelled.map(\.cell.code), labels: labelled.map { -log(101 - $0.accuracy) }
    ).predict(cells.map(\.code))
  }
}
