import TinyTensor

/// Orthogonal matching pursuit in Gram form: everything is computed from inner products, nothing from the vectors themselves.
enum MatchingPursuitKernel {
  /// Working memory for one pursuit; make one per thread and use it again.
  struct Workspace {
    /// Inner products of the residual with every atom.
    var residual: [Float]
    /// Cholesky factor of the chosen atoms' Gram matrix, row-major `[sparsity, sparsity]`.
    var factor: [Double]
    /// Right-hand side and solution.
    var solution: [Double]
    /// Atoms that are chosen or turned out to depend on the chosen ones.
    var isClosed: [Bool]

    init(atoms: Int, sparsity: Int) {
      residual = [Float](repeating: 0, count: atoms)
      factor = [Double](repeating: 0, count: sparsity * sparsity)
      solution = [Double](repeating: 0, count: sparsity)
      isClosed = [Bool](repeating: false, count: atoms)
    }
  }

  /// Added to the diagonal of the Gram matrix; a pivot that falls below ten times of it marks a dependent atom.
  static let ridge = 1e-6

  /// Chooses up to `sparsity` atoms and their coefficients for one vector.
  /// - Parameters:
  ///   - correlations: inner products of the vector with every atom.
  ///   - gram: inner products of the atoms, `[atoms, atoms]`.
  ///   - weights: what an atom's inner product with the residual is multiplied with before atoms are compared: the inverse
  ///     norm, divided by the penalty of contested atoms; 0 excludes an atom.
  ///   - atoms: number of atoms.
  ///   - sparsity: most atoms to choose.
  ///   - chosen: receives the atoms in the order of choice.
  ///   - coefficients: receives their coefficients.
  /// - Returns: the number of atoms chosen.
  static func pursue(
    correlations: UnsafePointer<Float>, gram: UnsafePointer<Float>, weights: UnsafePointer<Float>, atoms: Int,
    sparsity: Int, workspace: inout Workspace, chosen: UnsafeMutablePointer<Int32>,
    coefficients: UnsafeMutablePointer<Float>
  ) -> Int {
    var count = 0
    for atom in 0..<atoms {
      workspace.residual[atom] = correlations[atom]
      workspace.isClosed[atom] = weights[atom] <= 0
    }
    while count < sparsity {
      var best = -1
      var bestScore: Float = 0
      for atom in 0..<atoms where !workspace.isClosed[atom] {
        let score = abs(workspace.residual[atom]) * weights[atom]
        if score > bestScore { (best, bestScore) = (atom, score) }
      }
      guard best >= 0, bestScore > 1e-7 else { break }
      workspace.isClosed[best] = true
      guard extendFactor(with: best, gram: gram, atoms: atoms, count: count, sparsity: sparsity, chosen, &workspace)
      else { continue }
      chosen[count] = Int32(best)
      count += 1
      solve(count: count, sparsity: sparsity, correlations, chosen, &workspace)
      for index in 0..<count { coefficients[index] = Float(workspace.solution[index]) }
      updateResidual(count: count, correlations, gram, atoms: atoms, chosen, coefficients, &workspace)
    }
    return count
  }

  /// Appends a row to the Cholesky factor; false if the atom depends on the chosen ones.
  private static func extendFactor(
    with atom: Int, gram: UnsafePointer<Float>, atoms: Int, count: Int, sparsity: Int,
    _ chosen: UnsafeMutablePointer<Int32>, _ workspace: inout Workspace
  ) -> Bool {
    let row = count * sparsity
    var pivot = Double(gram[atom * atoms + atom]) + ridge
    for column in 0..<count {
      var value = Double(gram[atom * atoms + Int(chosen[column])])
      for inner in 0..<column {
        value -= workspace.factor[row + inner] * workspace.factor[column * sparsity + inner]
      }
      value /= workspace.factor[column * sparsity + column]
      workspace.factor[row + column] = value
      pivot -= value * value
    }
    guard pivot > 10 * ridge else { return false }
    workspace.factor[row + count] = pivot.squareRoot()
    return true
  }

  /// Solves for the coefficients by forward and backward substitution.
  private static func solve(
    count: Int, sparsity: Int, _ correlations: UnsafePointer<Float>, _ chosen: UnsafeMutablePointer<Int32>,
    _ workspace: inout Workspace
  ) {
    for row in 0..<count {
      var value = Double(correlations[Int(chosen[row])])
      for column in 0..<row { value -= workspace.factor[row * sparsity + column] * workspace.solution[column] }
      workspace.solution[row] = value / workspace.factor[row * sparsity + row]
    }
    for row in stride(from: count - 1, through: 0, by: -1) {
      var value = workspace.solution[row]
      for below in (row + 1)..<count {
        value -= workspace.factor[below * sparsity + row] * workspace.solution[below]
      }
      workspace.solution[row] = value / workspace.factor[row * sparsity + row]
    }
  }

  private static func updateResidual(
    count: Int, _ correlations: UnsafePointer<Float>, _ gram: UnsafePointer<Float>, atoms: Int,
    _ chosen: UnsafeMutablePointer<Int32>, _ coefficients: UnsafeMutablePointer<Float>, _ workspace: inout Workspace
  ) {
    workspace.residual.withUnsafeMutableBufferPointer { residual in
      for atom in 0..<atoms { residual[atom] = correlations[atom] }
      for index in 0..<count {
        let row = gram + Int(chosen[index]) * atoms
        let factor = coefficients[index]
        for atom in 0..<atoms { residual[atom] -= factor * row[atom] }
      }
    }
  }
}
