/// The contents of a roofline chart (S. Williams et al., CACM 2009): achieved rates of kernels below a machine's limits, on
/// logarithmic axes.
public struct RooflineChart: Sendable, Hashable, Codable {
  /// A limit of the machine.
  public enum Ceiling: Sendable, Hashable {
    /// Memory bandwidth in GB/s: a slope.
    case bandwidth(_ name: String, gigabytesPerSecond: Double)
    /// Arithmetic rate in 10⁹ operations per second: a horizontal line.
    case compute(_ name: String, gigaoperationsPerSecond: Double)
  }

  /// A kernel.
  public struct Kernel: Sendable, Hashable {
    /// Name beside the point.
    public let name: String
    /// Operations per byte moved between memory and processor.
    public let intensity: Double
    /// Achieved 10⁹ operations per second.
    public let gigaoperationsPerSecond: Double
    /// Group that shares a colour and a legend entry, such as `ours` and `PyTorch`; empty when all are alike.
    public let group: String

    /// A kernel.
    public init(_ name: String, intensity: Double, gigaoperationsPerSecond: Double, group: String = "") {
      self.name = name
      self.intensity = intensity
      self.gigaoperationsPerSecond = gigaoperationsPerSecond
      self.group = group
    }
  }

  /// Name of the file.
  public let name: String
  /// What the chart shows.
  public let title: String
  /// A sentence below the chart.
  public var caption: String?
  /// The operation that is counted: `FLOP`, `MAC`, …
  public let operation: String
  /// The machine's limits.
  public let ceilings: [Ceiling]
  /// The kernels.
  public let kernels: [Kernel]

  /// A roofline chart.
  public init(
    name: String, title: String, caption: String? = nil, operation: String = "FLOP", ceilings: [Ceiling],
    kernels: [Kernel]
  ) {
    self.name = name
    self.title = title
    self.caption = caption
    self.operation = operation
    self.ceilings = ceilings
    self.kernels = kernels
  }
}
