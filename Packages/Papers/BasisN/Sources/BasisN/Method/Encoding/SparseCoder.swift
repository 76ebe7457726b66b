import TinyTensor

/// Contest-aware orthogonal matching pursuit over a bank of kernel slices (section 2.5 of the specification).
///
/// The kernels of one contest are coded in order. Vector `j` is charged for how often it is used already: its score is divided
/// by `1 + λ · max(0, use_j - mean use) / (mean use + 1)`. Slices shorter than the crossbar see only the first rows of the
/// basis.
public struct SparseCoder: Sendable {
  /// Largest number of vectors per slice (K).
  public let sparsity: Int
  /// Weight λ of the contest; 0 ignores it.
  public let contest: Double

  /// Creates a coder.
  public init(sparsity: Int, contest: Double = 0) {
    self.sparsity = sparsity
    self.contest = contest
  }

  /// Inner products of a basis with itself, restricted to the first rows.
  private struct Restricted {
    let gram: Tensor
    let inverseNorms: [Float]
    let correlations: Tensor
    /// Row of ``correlations`` of each slice.
    let position: [Int: Int]
  }

  /// Codes every slice of a bank.
  /// - Parameters:
  ///   - bank: the slices.
  ///   - basis: vectors `[atoms, rows]`.
  /// - Precondition: the vectors are as long as the bank's rows.
  public func codes(_ bank: SliceBank, basis: Tensor) -> SparseCodes {
    precondition(basis.rank == 2 && basis.shape[1] == bank.rows, "basis \(basis.shape) for slices of \(bank.rows) rows")
    let atoms = basis.shape[0]
    let sparsity = min(sparsity, atoms)
    var codes = SparseCodes(count: bank.count, atoms: atoms, sparsity: sparsity)
    let lengths = bank.lengths
    let tables = Dictionary(grouping: lengths.indices, by: { lengths[$0] }).mapValues { slices in
      restrict(basis, bank.vectors, slices, length: lengths[slices[0]])
    }
    let contests = bank.contests
    codes.used.withUnsafeMutableBufferPointer { used in
      codes.indices.withUnsafeMutableBufferPointer { indices in
        codes.values.withUnsafeMutableBufferPointer { values in
          guard let used = used.baseAddress, let indices = indices.baseAddress, let values = values.baseAddress else {
            return
          }
          parallelFor(contests.count) { index in
            let rows = contests[index].rows
            guard let first = rows.first, let table = tables[lengths[first]] else { return }
            code(rows, table, atoms: atoms, sparsity: sparsity, used: used, indices: indices, values: values)
          }
        }
      }
    }
    return codes
  }

  /// Codes the slices of one contest, one after the other.
  private func code(
    _ rows: [Int], _ table: Restricted, atoms: Int, sparsity: Int, used: UnsafeMutablePointer<Int>,
    indices: UnsafeMutablePointer<Int32>, values: UnsafeMutablePointer<Float>
  ) {
    var workspace = MatchingPursuitKernel.Workspace(atoms: atoms, sparsity: sparsity)
    var uses = [Float](repeating: 0, count: atoms)
    var total: Float = 0
    var weights = table.inverseNorms
    table.gram.withUnsafeBufferPointer { gram in
      table.correlations.withUnsafeBufferPointer { correlations in
        guard let gram = gram.baseAddress, let correlations = correlations.baseAddress else { return }
        for row in rows {
          if contest > 0 {
            let mean = total / Float(atoms)
            for atom in 0..<atoms {
              let excess = max(0, uses[atom] - mean) / (mean + 1)
              weights[atom] = table.inverseNorms[atom] / (1 + Float(contest) * excess)
            }
          }
          let place = row * sparsity
          let count = MatchingPursuitKernel.pursue(
            correlations: correlations + (table.position[row] ?? 0) * atoms, gram: gram, weights: weights, atoms: atoms,
            sparsity: sparsity, workspace: &workspace, chosen: indices + place, coefficients: values + place)
          used[row] = count
          for index in 0..<count { uses[Int(indices[place + index])] += 1 }
          total += Float(count)
        }
      }
    }
  }

  private func restrict(_ basis: Tensor, _ vectors: Tensor, _ slices: [Int], length: Int) -> Restricted {
    let short = basis.lastDimensionSlice(0..<length)
    let gram = matmul(short, short, transposeB: true)
    let inverseNorms = (0..<basis.shape[0]).map { atom in
      let squared = gram[atom, atom]
      return squared > 1e-12 ? 1 / squared.squareRoot() : 0
    }
    let chosen = vectors.gatheredRows(slices).lastDimensionSlice(0..<length)
    let position = Dictionary(uniqueKeysWithValues: slices.enumerated().map { ($0.element, $0.offset) })
    return Restricted(
      gram: gram, inverseNorms: inverseNorms, correlations: matmul(chosen, short, transposeB: true), position: position)
  }
}
