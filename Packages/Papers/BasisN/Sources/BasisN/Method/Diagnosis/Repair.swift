import TinyTensor
import VisionModels

/// Recalibration without a single write: when cells have drifted, are stuck or sit behind resistive wires, the columns are
/// read back, and the digital coefficients are solved again for the kernels they should produce (an extension, section 10).
///
/// Every kernel slice keeps the basis vectors it has, so schedules hold; only coefficients and factors change.
public enum Repair {
  /// A repaired model and what it brings.
  public struct Outcome: Sendable {
    /// The model with new coefficients.
    public let model: BasisNModel
    /// Relative error of all kernels on the measured columns, before.
    public let errorBefore: Double
    /// The same after.
    public let errorAfter: Double
  }

  /// Solves all coefficients again.
  /// - Parameters:
  ///   - model: what should be computed.
  ///   - measured: the basis as read back from the chip.
  /// - Throws: ``BasisNError/mismatch(_:)`` when the measured basis is another one.
  public static func repair(_ model: BasisNModel, measured: ProgrammedBasis) throws(BasisNError) -> Outcome {
    guard measured.levels.shape[1] == model.basis.count, measured.levels.shape[0] >= model.basis.length else {
      throw .mismatch("\(measured.levels.shape[1]) measured columns for \(model.basis.count) basis vectors")
    }
    let columns = measured.levels.slice(0..<model.basis.length).transposed
    let results = try concurrently(model.layers.count) { index throws(BasisNError) in
      try solve(model.layers[index], model: model, columns: columns)
    }
    let repaired = try BasisNModel(
      configuration: model.configuration, basis: model.basis, layers: results.map(\.layer), network: model.network)
    let total = results.reduce(0) { $0 + $1.total }
    func relative(_ error: Double) -> Double { total > 0 ? (error / total).squareRoot() : 0 }
    return Outcome(
      model: repaired, errorBefore: relative(results.reduce(0) { $0 + $1.before }),
      errorAfter: relative(results.reduce(0) { $0 + $1.after }))
  }

  private struct Solved: Sendable {
    let layer: EncodedLayer
    let before: Double
    let after: Double
    let total: Double
  }

  private static func solve(
    _ layer: EncodedLayer, model: BasisNModel, columns: Tensor
  ) throws(BasisNError) -> Solved {
    var values = layer.values.map(Int.init)
    var scales = layer.scales
    var (before, after, total) = (0.0, 0.0, 0.0)
    for slice in 0..<layer.scales.count {
      let terms = layer.terms(slice)
      guard !terms.isEmpty else { continue }
      let target = layer.integerKernel(slice, basis: model.basis).map { layer.scales[slice] * Float($0) }
      let rows = columns.gatheredRows(terms.map(\.atom)).lastDimensionSlice(0..<target.count)
      let old = (terms.map(\.value), layer.scales[slice])
      let oldError = error(of: old.0, scale: old.1, rows, target)
      var best = (values: old.0, scale: old.1, error: oldError)
      if let solved = candidate(rows, target, quantizer: model.configuration.quantizer) {
        let newError = error(of: solved.values, scale: solved.scale, rows, target)
        if newError < best.error { best = (solved.values, solved.scale, newError) }
      }
      for (place, value) in best.values.enumerated() { values[Int(layer.starts[slice]) + place] = value }
      scales[slice] = best.scale
      before += oldError
      after += best.error
      total += target.reduce(0) { $0 + Double($1) * Double($1) }
    }
    return Solved(
      layer: try layer.replacing(values: values, scales: scales, basis: model.basis.count), before: before,
      after: after,
      total: total)
  }

  /// Least squares on the measured columns, rounded, with the best factor for the rounded coefficients.
  private static func candidate(
    _ rows: Tensor, _ target: [Float], quantizer: CoefficientQuantizer
  ) -> (values: [Int], scale: Float)? {
    var gram = matmul(rows, rows, transposeB: true)
    let ridge = (0..<rows.shape[0]).reduce(Float(0)) { max($0, gram[$1, $1]) } * 1e-5
    guard ridge > 0 else { return nil }
    for index in 0..<rows.shape[0] { gram[index, index] += ridge }
    let right = matmul(rows, Tensor(shape: [target.count, 1], target))
    guard let solution = try? LinearAlgebra.solve(gram, right).scalars else { return nil }
    let step = quantizer.step(for: solution)
    let values = solution.map { quantizer.round($0 / step) }
    let sum = combination(values, rows)
    let square = sum.reduce(0) { $0 + Double($1) * Double($1) }
    guard square > 0 else { return nil }
    let product = zip(sum, target).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    return (values, Float(product / square))
  }

  private static func combination(_ values: [Int], _ rows: Tensor) -> [Float] {
    matmul(Tensor(shape: [1, values.count], values.map(Float.init)), rows).scalars
  }

  private static func error(of values: [Int], scale: Float, _ rows: Tensor, _ target: [Float]) -> Double {
    zip(combination(values, rows), target).reduce(0) { sum, pair in
      let difference = Double(scale * pair.0 - pair.1)
      return sum + difference * difference
    }
  }
}
