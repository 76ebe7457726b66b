/// A systolic matrix engine in SCALE-Sim's analytic form (A. Samajdar et al., 2018).
public struct SystolicArray: Sendable, Hashable, Codable {
  /// What stays in the processing elements.
  public enum Dataflow: String, Sendable, Codable, CaseIterable {
    /// Partial sums stay; inputs and weights stream.
    case outputStationary
    /// Weights stay; inputs and partial sums stream.
    case weightStationary
  }

  /// Rows of processing elements, Sr.
  public var rows: Constant
  /// Columns of processing elements, Sc.
  public var columns: Constant
  /// Clock, MHz.
  public var clockMHz: Constant
  /// On-chip buffer for activations, KiB.
  public var sramKB: Constant
  /// What stays in place.
  public var dataflow: Dataflow

  /// The same array with another size or dataflow.
  public func with(rows: Int? = nil, columns: Int? = nil, dataflow: Dataflow? = nil) -> SystolicArray {
    var copy = self
    if let rows { copy.rows.value = Double(rows) }
    if let columns { copy.columns.value = Double(columns) }
    if let dataflow { copy.dataflow = dataflow }
    return copy
  }

  /// Cycles of a product `[P × K] · [K × O]`, `groups` times.
  ///
  /// Output-stationary: `(2·Sr + Sc + K − 2) · ⌈P/Sr⌉ · ⌈O/Sc⌉`; weight-stationary:
  /// `(2·Sr + Sc + P − 2) · ⌈K/Sr⌉ · ⌈O/Sc⌉`.
  public func cycles(_ matrix: LayerCost.MatrixShape) -> Int {
    let (sr, sc) = (Int(rows.value), Int(columns.value))
    let outputTiles = ceilDivide(matrix.outputs, sc)
    let perGroup =
      switch dataflow {
      case .outputStationary: (2 * sr + sc + matrix.reduction - 2) * ceilDivide(matrix.outputPixels, sr) * outputTiles
      case .weightStationary: (2 * sr + sc + matrix.outputPixels - 2) * ceilDivide(matrix.reduction, sr) * outputTiles
      }
    return perGroup * matrix.groups
  }

  /// Useful multiply-accumulates per cycle and processing element, 0…1.
  public func utilisation(_ matrix: LayerCost.MatrixShape) -> Double {
    let macs = matrix.outputPixels * matrix.reduction * matrix.outputs * matrix.groups
    return Double(macs) / (Double(cycles(matrix)) * rows.value * columns.value)
  }

  /// Scalars moved between the on-chip buffer and the array: weights once, inputs once per tile of output channels,
  /// outputs once (output-stationary) or once per tile of the reduction (weight-stationary partial sums).
  public func traffic(_ matrix: LayerCost.MatrixShape, inputs: Int) -> (weights: Int, inputs: Int, outputs: Int) {
    let outputTiles = ceilDivide(matrix.outputs, Int(columns.value))
    let reductionTiles = dataflow == .weightStationary ? ceilDivide(matrix.reduction, Int(rows.value)) : 1
    return (
      weights: matrix.reduction * matrix.outputs * matrix.groups, inputs: inputs * outputTiles,
      outputs: matrix.outputPixels * matrix.outputs * matrix.groups * reductionTiles
    )
  }
}

func ceilDivide(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }
