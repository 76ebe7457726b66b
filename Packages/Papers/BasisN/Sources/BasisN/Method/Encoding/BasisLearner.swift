import TinyTensor

/// Learns a global basis from kernel slices, K-SVD-style (section 2.5, step 2): code all slices with the current vectors, then
/// solve for the vectors by least squares, then renormalise and replace the vectors that nobody uses.
public struct BasisLearner: Sendable {
  /// Vectors to learn (B).
  public let count: Int
  /// Vectors per slice (K).
  public let sparsity: Int
  /// Weight of the contest while coding.
  public let contest: Double
  /// Rounds of coding and solving.
  public let rounds: Int
  /// Seed of the starting vectors.
  public let seed: UInt64

  /// Creates a learner from a configuration.
  public init(_ configuration: EncodingConfiguration) {
    count = configuration.basis
    sparsity = configuration.nonzeros
    contest = configuration.contest
    rounds = configuration.rounds
    seed = configuration.seed
  }

  /// A learned basis of unit vectors.
  public struct Outcome: Sendable {
    /// The vectors, `[count, rows]`.
    public let basis: Tensor
    /// Relative error `‖W - code‖ / ‖W‖` over all slices before every round and after the last.
    public let errors: [Double]
    /// Vectors that had to be random because there were too few slices to start from.
    public let randomVectors: Int
  }

  /// Learns from the unit-length slices of a bank.
  public func learn(from bank: SliceBank) throws(BasisNError) -> Outcome {
    let units = Self.normalized(bank.vectors)
    let unitBank = SliceBank(layers: bank.layers, vectors: units.vectors)
    let usable = units.norms.indices.filter { units.norms[$0] > 0 }
    guard !usable.isEmpty else { throw .nothingToEncode("all kernel slices are zero") }
    var generator = Philox(seed: seed, stream: "basis")
    var basis = start(units.vectors, usable, using: &generator)
    let coder = SparseCoder(sparsity: sparsity, contest: contest)
    var errors: [Double] = []
    for _ in 0..<rounds {
      let codes = coder.codes(unitBank, basis: basis)
      errors.append(Self.relativeError(bank: unitBank, codes: codes, basis: basis))
      basis = try Self.leastSquares(unitBank, codes, previous: basis)
      let usage = codes.usage
      for atom in 0..<count where usage[atom] == 0 {
        Self.copy(units.vectors, row: usable[generator.next(below: usable.count)], into: &basis, row: atom)
      }
      basis = Self.normalized(basis).vectors
    }
    errors.append(Self.relativeError(bank: unitBank, codes: coder.codes(unitBank, basis: basis), basis: basis))
    return Outcome(basis: basis, errors: errors, randomVectors: max(0, count - usable.count))
  }

  /// Different random slices; orthonormal random vectors where there are too few.
  private func start(_ units: Tensor, _ usable: [Int], using generator: inout Philox) -> Tensor {
    let width = units.shape[1]
    var basis = Tensor(zeros: [count, width])
    let chosen = usable.shuffled(using: &generator).prefix(count)
    for (atom, row) in chosen.enumerated() { Self.copy(units, row: row, into: &basis, row: atom) }
    guard chosen.count < count else { return basis }
    var filled = chosen.count
    while filled < count {
      let block = min(width, count - filled)
      let noise = Tensor.normal([width, block], using: &generator)
      let vectors = ((try? LinearAlgebra.qr(noise).q) ?? noise).transposed
      for row in 0..<block { Self.copy(vectors, row: row, into: &basis, row: filled + row) }
      filled += block
    }
    return Self.normalized(basis).vectors
  }

  /// Solves `min ‖W - C·D‖` for D, row range by row range: a slice says nothing about rows beyond its own length.
  static func leastSquares(
    _ bank: SliceBank, _ codes: SparseCodes, previous: Tensor
  ) throws(BasisNError) -> Tensor {
    let lengths = bank.lengths
    let coefficients = codes.dense
    var parts: [Tensor] = []
    var lower = 0
    for upper in Set(lengths).sorted() {
      let slices = lengths.indices.filter { lengths[$0] >= upper }
      let chosen = coefficients.gatheredRows(slices)
      let targets = bank.vectors.gatheredRows(slices).lastDimensionSlice(lower..<upper)
      var normal = matmul(chosen, chosen, transposeA: true)
      for atom in 0..<codes.atoms { normal[atom, atom] += 1e-4 }
      let right = matmul(chosen, targets, transposeA: true)
      do {
        parts.append(try LinearAlgebra.solve(normal, right))
      } catch {
        throw .notSolved("normal equations of the basis, rows \(lower)…\(upper - 1): \(error)")
      }
      lower = upper
    }
    if lower < bank.rows { parts.append(previous.lastDimensionSlice(lower..<bank.rows)) }
    return Tensor.concatenatedLast(parts)
  }

  /// `‖W - code·D‖ / ‖W‖` over all slices.
  public static func relativeError(bank: SliceBank, codes: SparseCodes, basis: Tensor) -> Double {
    let lengths = bank.lengths
    let rebuilt = matmul(codes.dense, basis)
    var error = 0.0
    var total = 0.0
    bank.vectors.withUnsafeBufferPointer { vectors in
      rebuilt.withUnsafeBufferPointer { rebuilt in
        for row in 0..<bank.count {
          for index in row * bank.rows..<row * bank.rows + lengths[row] {
            let difference = Double(vectors[index] - rebuilt[index])
            error += difference * difference
            total += Double(vectors[index]) * Double(vectors[index])
          }
        }
      }
    }
    return total > 0 ? (error / total).squareRoot() : 0
  }

  /// Rows of unit length, zero rows unchanged, and their lengths before.
  static func normalized(_ vectors: Tensor) -> (vectors: Tensor, norms: [Float]) {
    var result = vectors
    let width = vectors.shape[1]
    var norms = [Float](repeating: 0, count: vectors.shape[0])
    result.withUnsafeMutableBufferPointer { target in
      for row in norms.indices {
        let range = row * width..<(row + 1) * width
        let squared = range.reduce(0.0) { $0 + Double(target[$1]) * Double(target[$1]) }
        guard squared > 0 else { continue }
        norms[row] = Float(squared.squareRoot())
        let scale = Float(1 / squared.squareRoot())
        for index in range { target[index] *= scale }
      }
    }
    return (result, norms)
  }

  private static func copy(_ source: Tensor, row: Int, into target: inout Tensor, row targetRow: Int) {
    let width = source.shape[1]
    source.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        for column in 0..<width { target[targetRow * width + column] = source[row * width + column] }
      }
    }
  }
}
