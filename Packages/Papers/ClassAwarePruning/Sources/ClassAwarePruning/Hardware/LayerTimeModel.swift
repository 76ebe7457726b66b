import TinyTensor
import VisionModels

/// Predicts the time of a layer as a sum of what it does: products in whole lanes, outputs stored, values transformed for
/// Winograd's algorithm, bytes moved and a fixed part.
///
/// The roofline takes the slower of arithmetic and memory and so calls layers of equal work equally fast. On a processor the
/// short reductions of the first layers cost more per multiply-accumulate, because every output is stored, biased and clamped
/// once whatever its reduction; the sum has a term for that. All five costs are fitted to measured layers.
public struct LayerTimeModel: Sendable, Hashable, Codable {
  /// Seconds per product that the kernels make, idle lanes included.
  public let secondsPerProduct: Double
  /// Seconds per output value, idle lanes included.
  public let secondsPerOutput: Double
  /// Seconds per value that passes through Winograd's transforms.
  public let secondsPerTransform: Double
  /// Seconds per byte of packed weights, inputs and outputs.
  public let secondsPerByte: Double
  /// Seconds per layer.
  public let overhead: Double

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
    let rows = samples.map { sample in
      Self.features(sample.layer, batch: sample.batch).map { $0 / max(sample.seconds, 1e-12) }
    }
    let costs = Self.nonNegativeFit(rows)
    secondsPerProduct = costs[0]
    secondsPerOutput = costs[1]
    secondsPerTransform = costs[2]
    secondsPerByte = costs[3]
    overhead = costs[4]
  }

  /// Predicted seconds of a layer for a batch, on one core.
  public func seconds(_ layer: LayerCost, batch: Int) -> Double {
    let costs = [secondsPerProduct, secondsPerOutput, secondsPerTransform, secondsPerByte, overhead]
    return zip(Self.features(layer, batch: batch), costs).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func features(_ layer: LayerCost, batch: Int) -> [Double] {
    var (products, outputs, transformed) = (0, 0, 0)
    var weightBytes = layer.weightBytes
    if let geometry = layer.convolution {
      let work = ConvWork(geometry)
      (products, outputs, transformed) = (work.products, work.outputs, work.transformed)
      weightBytes = 4 * work.packedWeights
    } else if let matrix = layer.matrix {
      outputs = matrix.outputPixels * matrix.outputs * matrix.groups
      products = outputs * matrix.reduction
    }
    let bytes = weightBytes + batch * (layer.inputBytes + layer.outputBytes)
    return [products * batch, outputs * batch, transformed * batch, bytes, 1].map(Double.init)
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
