/// How a program orders its work: what the autotuner chooses (specification 2.8).
public struct ProgramSchedule: Codable, Hashable, Sendable {
  /// Which loop is outside.
  public enum Order: String, Codable, Hashable, Sendable, CaseIterable {
    /// All accumulators of a layer live; each input is used for all of them. The paper's order.
    case inputStationary
    /// One accumulator at a time.
    case outputStationary
  }

  /// Loop order of the hidden layers.
  public var order: Order
  /// Whether logits are summed as soon as a neuron of the last hidden layer is known; two classes then keep only a difference.
  public var fusesLogits: Bool
  /// `if (y) { all products of y }`, for hidden outputs, in input-stationary order.
  public var skipsZeros: Bool
  /// Positive weights first, then stop a neuron that can no longer become positive, in output-stationary order.
  public var stopsNegatives: Bool
  /// Order of the neurons of the last hidden layer, most telling first; the rest follows in order.
  public var neuronOrder: [Int]
  /// After how many neurons of the last hidden layer an exact margin is tested (specification 2.7); needs fused logits.
  public var marginChecks: [Int]

  /// The paper's baseline unless told otherwise.
  public init(
    order: Order = .inputStationary, fusesLogits: Bool = false, skipsZeros: Bool = false, stopsNegatives: Bool = false,
    neuronOrder: [Int] = [], marginChecks: [Int] = []
  ) {
    self.order = order
    self.fusesLogits = fusesLogits
    self.skipsZeros = skipsZeros
    self.stopsNegatives = stopsNegatives
    self.neuronOrder = neuronOrder
    self.marginChecks = marginChecks
  }

  /// The paper's baseline: unrolled, input-stationary, ReLU after the last product of each neuron.
  public static let plain = ProgramSchedule()
}
