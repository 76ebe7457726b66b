/// What one window of every layer asks of a chip with a global basis: the bridge from schedules to costs.
public struct BasisLoad: Sendable, Hashable, Codable {
  /// One layer.
  public struct Layer: Sendable, Hashable, Codable {
    /// Name.
    public let name: String
    /// Output positions of one image.
    public let windows: Int
    /// Slices, over all groups.
    public let slices: Int
    /// Analog cycles of one window and input step, `Σ_s χ`.
    public let cycles: Double
    /// Conversions of one window and input step.
    public let jobs: Double
    /// Digital additions of one window: set bits of all coefficients.
    public let additions: Double
  }

  /// Layers in graph order.
  public let layers: [Layer]
  /// Basis vectors (B).
  public let basis: Int
  /// Bits of all coefficients with their indices, fetched once per image.
  public let coefficientBits: Double

  /// Creates a load.
  public init(layers: [Layer], basis: Int, coefficientBits: Double) {
    self.layers = layers
    self.basis = basis
    self.coefficientBits = coefficientBits
  }

  /// The load of a scheduled model.
  public init(_ schedule: NetworkSchedule, model: BasisNModel) {
    let entries = Dictionary(grouping: schedule.entries, by: \.layer)
    layers = model.layers.map { layer in
      let own = entries[layer.shape.name] ?? []
      return Layer(
        name: layer.shape.name, windows: layer.shape.windows, slices: own.count,
        cycles: Double(own.reduce(0) { $0 + $1.cycles }), jobs: Double(own.reduce(0) { $0 + $1.jobs }),
        additions: Double(layer.setBits))
    }
    basis = model.basis.count
    coefficientBits = Double(model.coefficientBits)
  }

  /// The load of a network whose columns are all used alike: `χ = max(⌈O·setBits/B⌉, ⌈O·(b-1)/lines⌉)` per slice.
  /// - Parameters:
  ///   - setBits: set coefficient bits per kernel slice.
  ///   - bits: coefficient bits (b).
  ///   - nonzeros: coefficients per kernel slice (K).
  ///   - lines: summing lines over all crossbars.
  public init(
    balanced shape: NetworkShape, basis: Int, setBits: Double, bits: Int, nonzeros: Int, lines: Int, rows: Int
  ) {
    layers = shape.layers.map { layer in
      let slices = layer.groups * LayerShape.ceilDivide(layer.reduction, rows)
      let kernels = Double(layer.kernelsPerGroup)
      let cycles = max(
        (kernels * setBits / Double(basis)).rounded(.up), (kernels * Double(bits - 1) / Double(lines)).rounded(.up))
      return Layer(
        name: layer.name, windows: layer.windows, slices: slices, cycles: cycles * Double(slices),
        jobs: kernels * Double(bits - 1) * Double(slices), additions: kernels * setBits * Double(slices))
    }
    self.basis = basis
    let indexBits = max(1, Int.bitWidth - (basis - 1).leadingZeroBitCount)
    coefficientBits = Double(shape.kernelSlices(rows: rows)) * Double(nonzeros * (indexBits + bits) + 32)
  }
}
