/// How kernels are written as combinations of basis vectors (section 2.2 of the specification).
public struct EncodingConfiguration: Sendable, Hashable, Codable {
  /// What the float factor of a slice may be.
  public enum Scale: String, Sendable, Hashable, Codable, CaseIterable {
    /// One factor per kernel slice.
    case perSlice
    /// One factor for all slices of a kernel.
    case perKernel
    /// One power of two per kernel slice.
    case powerOfTwo
  }

  /// Global basis vectors (B).
  public var basis: Int
  /// Rows of a crossbar (N): the longest slice.
  public var rows: Int
  /// Basis vectors that a kernel slice may combine (K).
  public var nonzeros: Int
  /// Bits of a coefficient, sign included (b).
  public var bits: Int
  /// Bits of a memory cell (g); a differential pair holds levels `-(2^g - 1)…2^g - 1`.
  public var cellBits: Int
  /// Which integers a coefficient may be.
  public var coefficients: CoefficientSet
  /// The digital factor of a slice (α).
  public var scale: Scale
  /// Where kernels are cut.
  public var slicing: Slicing.Rule
  /// Weight λ of the contest in the choice of basis vectors; 0 ignores it.
  public var contest: Double
  /// Rounds of dictionary learning.
  public var rounds: Int
  /// Layers that stay digital.
  public var digitalLayers: Set<String>
  /// Seed of the basis.
  public var seed: UInt64

  /// The specification's main configuration unless said otherwise: B = 128, K = 16, b = 4, g = 4.
  public init(
    basis: Int = 128, rows: Int = 128, nonzeros: Int = 16, bits: Int = 4, cellBits: Int = 4,
    coefficients: CoefficientSet = .uniform, scale: Scale = .perSlice, slicing: Slicing.Rule = .balanced,
    contest: Double = 0, rounds: Int = 8, digitalLayers: Set<String> = [], seed: UInt64 = 0
  ) {
    self.basis = basis
    self.rows = rows
    self.nonzeros = nonzeros
    self.bits = bits
    self.cellBits = cellBits
    self.coefficients = coefficients
    self.scale = scale
    self.slicing = slicing
    self.contest = contest
    self.rounds = rounds
    self.digitalLayers = digitalLayers
    self.seed = seed
  }

  /// Largest cell level of either sign.
  public var maximumLevel: Int { (1 << cellBits) - 1 }

  /// The rounding of coefficients.
  public var quantizer: CoefficientQuantizer { CoefficientQuantizer(set: coefficients, bits: bits) }

  /// Checks every field.
  /// - Throws: ``BasisNError/invalidSetting(_:value:expected:)`` for the first that lies outside its range.
  public func validate() throws(BasisNError) {
    try require((1...65_535).contains(basis), "basis", basis, "1…65535 vectors")
    try require((1...4096).contains(rows), "rows", rows, "1…4096")
    try require((1...basis).contains(nonzeros), "nonzeros", nonzeros, "1…\(basis), the basis vectors there are")
    try require((2...8).contains(bits), "bits", bits, "2…8")
    try require((1...6).contains(cellBits), "cellBits", cellBits, "1…6")
    try require(contest >= 0 && contest.isFinite, "contest", contest, "0 or a positive number")
    try require(rounds >= 0, "rounds", rounds, "0 or more")
  }
}
