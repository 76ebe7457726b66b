import VisionModels

/// Predicts the time of a layer as a sum of what it does: multiply-accumulates in whole lanes, outputs stored, bytes moved and
/// a fixed part.
///
/// The roofline takes the slower of arithmetic and memory and so calls layers of equal work equally fast. On a processor the
/// short reductions of the first layers cost more per multiply-accumulate, because every output is stored, biased and clamped
/// once whatever its reduction; the sum has a term for that. All four costs are fitted to measured layers.
public struct LayerTimeModel: Sendable, Hashable, Codable {
  /// Seconds per multiply-accumulate, output channels rounded up to whole lanes.
  public let secondsPerMac: Double
  /// Seconds per output value, output channels rounded up to whole lanes.
  public let secondsPerOutput: Double
  /// Seconds per byte of weights, inputs and outputs.
  public let secondsPerByte: Double
  /// Seconds per layer.
  public let overhead: Double
  /// Lanes that output channels are rounded up to.
  public let lanes: Int

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

  /// Fits the four costs (none negative) to the smallest squared relative error.
  package init(_ samples: [Sample], lanes: Int) {
    self.lanes = lanes
    let rows = samples.map { sample in
      Self.features(sample.layer, batch: sample.batch, lanes: lanes).map { $0 / max(sample.seconds, 1e-12) }
    }
    let costs = Self.nonNegativeFit(rows)
    secondsPerMac = costs[0]
    secondsPerOutput = costs[1]
    secondsPerByte = costs[2]
    overhead = costs[3]
  }

  /// Predicted seconds of a layer for a batch, on one core.
  public func seconds(_ layer: LayerCost, batch: Int) -> Double {
    let features = Self.features(layer, batch: batch, lanes: lanes)
    return zip(features, [secondsPerMac, secondsPerOutput, secondsPerByte, overhead]).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func features(_ layer: LayerCost, batch: Int, lanes: Int) -> [Double] {
    var macs = 0
    var outputs = 0
    if let matrix = layer.matrix {
      let padded = (matrix.outputs + lanes - 1) / lanes * lanes * matrix.groups
      outputs = matrix.outputPixels * padded
      macs = outputs * matrix.reduction
    }
    let bytes = layer.weightBytes + batch * (layer.inputBytes + layer.outputBytes)
    return [Double(macs * batch), Double(outputs * batch), Double(bytes), 1]
  }

  /// Minimises `Σ (row · x − 1)²` over `x ≥ 0` by cyclic coordinate descent on columns of unit length.
  private static func nonNegativeFit(_ rows: [[Double]]) -> [Double] {
    let width = 4
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
