import TinyTensor
import VisionModels

/// Predicts the time of a layer as a sum of what it does, at a cost per unit of each kind of work.
///
/// The roofline takes the slower of arithmetic and memory and so calls layers of equal work equally fast. On a processor the
/// short reductions of the first layers cost more per multiply-accumulate, because every output is stored, biased and clamped
/// once whatever its reduction, and Winograd's algorithm trades products for transforms and larger weights. The sum has a term
/// for each; all costs are fitted to measured layers.
public struct LayerTimeModel: Sendable, Hashable, Codable {
  /// A kind of work. Products and outputs include the idle lanes of the kernels' register tiles (`ConvWork`).
  public enum Term: String, Sendable, Codable, CaseIterable {
    /// Products of a direct sum.
    case directProducts
    /// Outputs of a direct sum.
    case directOutputs
    /// Products at the points of Winograd's transform.
    case winogradProducts
    /// Values that pass through Winograd's transforms.
    case transforms
    /// Bytes of the packed weights, read once per batch.
    case weightBytes
    /// Bytes of inputs and outputs.
    case activationBytes
    /// The layer itself.
    case layers
  }

  /// Seconds per unit, in the order of ``Term``'s cases.
  private let costs: [Double]

  /// A measured layer.
  package struct Sample {
    package let layer: LayerCost
    package let batch: Int
    package let seconds: Double

    package init(layer: LayerCost, batch: Int, seconds: Double) {
      self.layer = layer
      self.batch = batch
      self.seconds = seconds
    }
  }

  /// Fits the costs (none negative) to the smallest squared relative error.
  package init(_ samples: [Sample]) {
    costs = Self.nonNegativeFit(
      samples.map { sample in
        Self.amounts(sample.layer, batch: sample.batch).map { $0 / max(sample.seconds, 1e-12) }
      })
  }

  /// Seconds per unit of a kind of work.
  public subscript(term: Term) -> Double {
    zip(Term.allCases, costs).first { $0.0 == term }?.1 ?? 0
  }

  /// Predicted seconds of a layer for a batch, on one core.
  public func seconds(_ layer: LayerCost, batch: Int) -> Double {
    zip(Self.amounts(layer, batch: batch), costs).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// How much of each kind of work a layer is.
  private static func amounts(_ layer: LayerCost, batch: Int) -> [Double] {
    let work = layer.convolution.map { ConvWork($0) }
    let isWinograd = (work?.transformed ?? 0) > 0
    let outputs = work?.outputs ?? layer.matrix.map { $0.outputPixels * $0.outputs * $0.groups } ?? 0
    let products = work?.products ?? outputs * (layer.matrix?.reduction ?? 0)
    return Term.allCases.map { term in
      switch term {
      case .directProducts: isWinograd ? 0 : products * batch
      case .directOutputs: isWinograd ? 0 : outputs * batch
      case .winogradProducts: isWinograd ? products * batch : 0
      case .transforms: (work?.transformed ?? 0) * batch
      case .weightBytes: work.map { 4 * $0.packedWeights } ?? layer.weightBytes
      case .activationBytes: batch * (layer.inputBytes + layer.outputBytes)
      case .layers: 1
      }
    }.map(Double.init)
  }

  /// Minimises `Σ (row · x − 1)²` over `x ≥ 0` by cyclic coordinate descent on columns of unit length.
  private static func nonNegativeFit(_ rows: [[Double]]) -> [Double] {
    let width = rows.first?.count ?? 0
    let scales = (0..<width).map { column in
      max(rows.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot(), 1e-300)
    }
    let unit = rows.map { row in (0..<width).map { row[$0] / scales[$0] } }
    var x = [Double](repeating: 0, count: width)
    var residuals = [Double](repeating: 1, count: rows.count)
    for _ in 0..<20_000 {
      var largest = 0.0
      for column in 0..<width {
        let gradient = unit.indices.reduce(0) { $0 + unit[$1][column] * residuals[$1] }
        let step = max(-x[column], gradient)
        x[column] += step
        largest = max(largest, abs(step))
        for row in unit.indices { residuals[row] -= step * unit[row][column] }
      }
      if largest < 1e-12 { break }
    }
    return (0..<width).map { x[$0] / scales[$0] }
  }
}
