import Foundation
import TinyTensor

/// Gaussian-process regression: a mean and an honest deviation from a few dozen to a few hundred labels.
///
/// The kernel is Matérn 5/2 of a distance that adds up over groups of features, with one length scale per group; length scales and
/// noise are the best of a small grid by marginal likelihood, and the amplitude is solved for.
///
/// ```swift
/// let process = try GaussianProcess.fit(groups, rows: labelled, labels: values)
/// let (mean, deviation) = process.predict(candidates)
/// ```
public struct GaussianProcess: Sendable {
  /// Features of one kind, and the length scales to try on them.
  public struct Group: Sendable {
    private let values: [Float]
    private let width: Int
    private let squaredNorms: [Float]
    fileprivate let lengthScales: [Float]

    /// A group of features `[rows, width]`, which should be of the order of one.
    public init(_ features: Tensor, lengthScales: [Float]) {
      precondition(features.rank == 2 && !lengthScales.isEmpty, "a group is a matrix with length scales to try")
      self.lengthScales = lengthScales
      let (values, width) = (features.scalars, features.shape[1])
      self.values = values
      self.width = width
      squaredNorms = (0..<features.shape[0]).map { row in
        values[row * width..<(row + 1) * width].reduce(0) { $0 + $1 * $1 }
      }
    }

    /// Squared distances between two lists of rows, `[left, right]`.
    fileprivate func squaredDistances(_ left: [Int], _ right: [Int]) -> [Float] {
      var distances = matmul(gathered(left), gathered(right), transposeB: true).scalars
      let norms = right.map { squaredNorms[$0] }
      for (index, row) in left.enumerated() {
        let base = index * right.count
        for column in right.indices {
          distances[base + column] = max(0, squaredNorms[row] + norms[column] - 2 * distances[base + column])
        }
      }
      return distances
    }

    private func gathered(_ rows: [Int]) -> Tensor {
      Tensor(shape: [rows.count, width], rows.flatMap { values[$0 * width..<($0 + 1) * width] })
    }
  }

  /// Length scales and noise.
  struct Settings: Sendable, Hashable {
    var lengthScales: [Float]
    /// Variance of the noise over the kernel's.
    var noise: Double
  }

  private static let noises = [1e-3, 1e-2, 5e-2]

  private let groups: [Group]
  private let rows: [Int]
  let settings: Settings
  /// L⁻¹ of the kernel matrix L·Lᵀ, `[labels, labels]`.
  private let inverseFactor: Tensor
  /// L⁻¹ of the standardised labels, `[1, labels]`.
  private let whitened: Tensor
  private let mean: Double
  private let scale: Double
  private let amplitude: Double

  /// Fits to the labels of some rows.
  ///
  /// - Throws: ``PELNASError/invalidSetting(_:value:expected:)`` for labels that are not finite, not one per row, or fewer than two.
  public static func fit(_ groups: [Group], rows: [Int], labels: [Double]) throws(PELNASError) -> GaussianProcess {
    try require(labels.count == rows.count && rows.count > 1, "number of labels", labels.count, "\(max(2, rows.count))")
    try require(labels.allSatisfy(\.isFinite), "a label", "NaN or infinite", "a finite number")
    let mean = labels.reduce(0, +) / Double(labels.count)
    let variance = labels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(labels.count)
    let scale = max(variance.squareRoot(), 1e-9)
    let standardised = labels.map { ($0 - mean) / scale }
    let distances = groups.map { $0.squaredDistances(rows, rows) }
    let grid = grid(groups)
    // Noise keeps every kernel matrix positive definite; a candidate that rounding spoils is left out.
    let candidates = concurrentValues(grid.count) { Candidate(grid[$0], distances, standardised) }
    guard let best = candidates.compactMap({ $0 }).max(by: { $0.likelihood < $1.likelihood }) else {
      throw .invalidSetting("the kernel matrix", value: "singular", expected: "finite features")
    }
    let count = rows.count
    let inverse: DoubleMatrix
    do {
      var identity = DoubleMatrix(zeros: count, count)
      for index in 0..<count { identity[index, index] = 1 }
      inverse = try LinearAlgebra.solve(best.factor, identity)
    } catch {
      throw .invalidSetting("the kernel matrix", value: "singular (\(error))", expected: "distinct rows")
    }
    return GaussianProcess(
      groups: groups, rows: rows, settings: best.settings, inverseFactor: inverse.tensor,
      whitened: Tensor(shape: [1, count], best.whitened.map(Float.init)), mean: mean, scale: scale,
      amplitude: best.amplitude)
  }

  private static func grid(_ groups: [Group]) -> [Settings] {
    var list: [[Float]] = [[]]
    for group in groups { list = list.flatMap { start in group.lengthScales.map { start + [$0] } } }
    return list.flatMap { scales in noises.map { Settings(lengthScales: scales, noise: $0) } }
  }

  /// A point of the grid with its marginal likelihood.
  private struct Candidate: Sendable {
    let settings: Settings
    let factor: DoubleMatrix
    let whitened: [Double]
    let amplitude: Double
    let likelihood: Double

    init?(_ settings: Settings, _ distances: [[Float]], _ labels: [Double]) {
      let count = labels.count
      var kernel = DoubleMatrix(
        rows: count, columns: count, GaussianProcess.kernel(distances, settings).map(Double.init))
      for index in 0..<count { kernel[index, index] = 1 + settings.noise }
      guard let factor = try? LinearAlgebra.cholesky(kernel) else { return nil }
      var whitened = labels
      for row in 0..<count {
        var sum = whitened[row]
        for column in 0..<row { sum -= factor[row, column] * whitened[column] }
        whitened[row] = sum / factor[row, row]
      }
      let amplitude = max(1e-9, whitened.reduce(0) { $0 + $1 * $1 } / Double(count))
      self.settings = settings
      self.factor = factor
      self.whitened = whitened
      self.amplitude = amplitude
      likelihood = (0..<count).reduce(-0.5 * Double(count) * log(amplitude)) { $0 - log(factor[$1, $1]) }
    }
  }

  /// Matérn 5/2 of the summed distances.
  private static func kernel(_ distances: [[Float]], _ settings: Settings) -> [Float] {
    let weights = settings.lengthScales.map { 1 / ($0 * $0) }
    return distances[0].indices.map { index in
      var sum: Float = 0
      for group in distances.indices { sum += weights[group] * distances[group][index] }
      let r = (5 * sum).squareRoot()
      return (1 + r + r * r / 3) * exp(-r)
    }
  }

  /// Posterior mean and deviation (of a new label, noise included) of some rows.
  public func predict(_ candidates: [Int]) -> (mean: [Double], deviation: [Double]) {
    // Blocks keep the working set small, and each is the work of one thread.
    let starts = Array(stride(from: 0, to: candidates.count, by: 1_024))
    let blocks = concurrentValues(starts.count) { index in
      predictBlock(Array(candidates[starts[index]..<min(starts[index] + 1_024, candidates.count)]))
    }
    return (blocks.flatMap(\.mean), blocks.flatMap(\.deviation))
  }

  private func predictBlock(_ candidates: [Int]) -> (mean: [Double], deviation: [Double]) {
    let distances = groups.map { $0.squaredDistances(rows, candidates) }
    let cross = Tensor(shape: [rows.count, candidates.count], Self.kernel(distances, settings))
    let projected = matmul(inverseFactor, cross)
    let heights = matmul(whitened, projected).scalars
    var explained = [Float](repeating: 0, count: candidates.count)
    let values = projected.scalars
    for row in rows.indices {
      let base = row * candidates.count
      for column in candidates.indices { explained[column] += values[base + column] * values[base + column] }
    }
    return (
      heights.map { mean + scale * Double($0) },
      explained.map { scale * (amplitude * max(1e-6, 1 + settings.noise - Double($0))).squareRoot() }
    )
  }
}
