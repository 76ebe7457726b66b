import BasisN
import TinyTensor

/// Contest-aware matching pursuit as it is written in the specification: on the vectors themselves, with normal equations
/// solved from scratch in Double.
struct SlowPursuit {
  let basis: Tensor
  let sparsity: Int
  let contest: Double

  func codes(_ bank: SliceBank) -> [[(atom: Int, value: Double)]] {
    var result = [[(atom: Int, value: Double)]](repeating: [], count: bank.count)
    let lengths = bank.lengths
    for group in bank.contests {
      var uses = [Double](repeating: 0, count: basis.shape[0])
      for row in group.rows {
        let target = (0..<lengths[row]).map { Double(bank.vectors[row, $0]) }
        let terms = pursue(target, uses)
        for term in terms { uses[term.atom] += 1 }
        result[row] = terms
      }
    }
    return result
  }

  private func pursue(_ target: [Double], _ uses: [Double]) -> [(atom: Int, value: Double)] {
    let atoms = (0..<basis.shape[0]).map { atom in target.indices.map { Double(basis[atom, $0]) } }
    let mean = uses.reduce(0, +) / Double(uses.count)
    var chosen: [Int] = []
    var values: [Double] = []
    var residual = target
    while chosen.count < sparsity {
      let scores = atoms.indices.map { atom -> Double in
        guard !chosen.contains(atom) else { return -1 }
        let norm = dot(atoms[atom], atoms[atom]).squareRoot()
        let penalty = 1 + contest * max(0, uses[atom] - mean) / (mean + 1)
        return norm > 1e-6 ? abs(dot(atoms[atom], residual)) / norm / penalty : -1
      }
      guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }), scores[best] > 1e-7 else { break }
      chosen.append(best)
      let size = chosen.count
      let gram = DoubleMatrix(
        rows: size, columns: size, chosen.flatMap { a in chosen.map { dot(atoms[a], atoms[$0]) } })
      let right = DoubleMatrix(rows: size, columns: 1, chosen.map { dot(atoms[$0], target) })
      guard let solution = try? LinearAlgebra.solve(gram, right) else { break }
      values = solution.values
      residual = target
      for (atom, value) in zip(chosen, values) {
        for index in residual.indices { residual[index] -= value * atoms[atom][index] }
      }
    }
    return zip(chosen, values).map { ($0, $1) }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
