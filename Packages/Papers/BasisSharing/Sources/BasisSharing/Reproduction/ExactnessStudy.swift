import LanguageModel
import ReproductionKit
import TinyTensor

/// Claim 1: the loss is the tail of the spectrum, and the form without an inverse is the paper's.
struct ExactnessStudy {
  let bench: Workbench

  private struct Deviations: Codable {
    var loss = 0.0
    var form = 0.0
    var groups = 0
    var forms = 0
  }

  func run(_ progress: ProgressReporter) throws -> StudyResult {
    let deviations = try bench.context.step("exactness", as: Deviations.self) { try measure(progress) }
    return StudyResult(claims: [
      Claim(
        id: "1a", statement: "exactness: largest |‖X(W − BC)‖² − Σ tail| / ‖XW‖² over groups of all types",
        measured: MeasuredValue(deviations.loss, decimals: 12), criterion: .atMost(1e-6),
        note: "\(deviations.groups) groups of one and two layers at 20 %, factors rounded to 32 bits"),
      Claim(
        id: "1b",
        statement: "exactness: the inverse-free form equals the Cholesky form, largest relative difference of B·C",
        measured: MeasuredValue(deviations.form, decimals: 12), criterion: .atMost(1e-6),
        note: "\(deviations.forms) groups, in 64 bits"),
    ])
  }

  private func measure(_ progress: ProgressReporter) throws -> Deviations {
    let compressor = try bench.compressor()
    let shapes = bench.shapes
    var result = Deviations()
    let starts = Array(stride(from: 0, to: shapes.layers - 1, by: bench.workload.exactnessStride))
    for (number, start) in starts.enumerated() {
      try bench.context.checkCancellation()
      for site in LinearSite.allCases {
        for layers in [[start], [start, start + 1]] {
          let rank = shapes.rank(site, groupSize: layers.count, ratio: 0.2)
          let (factors, spectrum) = try compressor.decompose(SharingGroup(site: site, layers: layers, rank: rank))
          let gram = try compressor.grams.gram(site.input, layers: layers)
          let loss = zip(layers, factors.coefficients).reduce(0.0) {
            $0
              + OwnInputLoss.value(
                weight: compressor.weight(site, layer: $1.0), basis: factors.basis, coefficients: $1.1, gram: gram)
          }
          result.loss = max(result.loss, abs(loss - spectrum.tailLoss(rank: rank)) / spectrum.total)
          result.groups += 1
          guard number == 0, layers.count == 1 else { continue }
          result.form = max(result.form, try difference(compressor, site, layers, gram, rank))
          result.forms += 1
        }
      }
      progress.report(number + 1, of: starts.count, "exactness")
    }
    return result
  }

  private func difference(
    _ compressor: Compressor, _ site: LinearSite, _ layers: [Int], _ gram: DoubleMatrix, _ rank: Int
  ) throws -> Double {
    // Cholesky needs a positive Gram, as the paper's code makes one; the other form needs nothing.
    var gram = gram
    let values = try LinearAlgebra.symmetricEigenvalues(gram)
    let shift = 2 * max(0, -(values.first ?? 0)) + 1e-9 * (values.last ?? 0)
    for index in 0..<gram.rows { gram[index, index] += shift }
    let weights = layers.map { compressor.weight(site, layer: $0) }
    let paper = try BasisFactorizer.choleskyForm(weights: weights, gram: gram, rank: rank)
    let (rows, _) = try BasisFactorizer.rightVectors(weights: weights, gram: gram, rank: rank)
    let expected = DoubleProduct.multiply(paper.basis, paper.coefficients)
    let basis = DoubleProduct.multiply(BasisFactorizer.concatenated(weights), rows, transposeB: true)
    let product = DoubleProduct.multiply(basis, rows)
    let scale = expected.values.reduce(0) { max($0, abs($1)) }
    return zip(expected.values, product.values).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
  }
}
