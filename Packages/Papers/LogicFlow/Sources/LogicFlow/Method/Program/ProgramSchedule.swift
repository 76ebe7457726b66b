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
  /// Loop order of the first hidden layer, if it differs.
  public var inputOrder: Order?
  /// Whether logits are summed as soon as a neuron of the last hidden layer is known; two classes then keep only a difference.
  public var fusesLogits: Bool
  /// `if (y) { all products of y }`, for hidden outputs, in input-stationary order.
  public var skipsZeros: Bool
  /// The same for features, which pays where most of them are 0; needs input-stationary order in the first layer.
  public var skipsZeroInputs: Bool
  /// Positive weights first, then stop a neuron that can no longer become positive, in output-stationary order.
  public var stopsNegatives: Bool
  /// Order of the neurons of the last hidden layer, most telling first; the rest follows in order.
  public var neuronOrder: [Int]
  /// After how many neurons of the last hidden layer an exact margin is tested (specification 2.7); needs fused logits.
  public var marginChecks: [Int]

  /// The paper's baseline unless told otherwise.
  public init(
    order: Order = .inputStationary, inputOrder: Order? = nil, fusesLogits: Bool = false, skipsZeros: Bool = false,
    skipsZeroInputs: Bool = false, stopsNegatives: Bool = false, neuronOrder: [Int] = [], marginChecks: [Int] = []
  ) {
    self.order = order
    self.inputOrder = inputOrder
    self.fusesLogits = fusesLogits
    self.skipsZeros = skipsZeros
    self.skipsZeroInputs = skipsZeroInputs
    self.stopsNegatives = stopsNegatives
    self.neuronOrder = neuronOrder
    self.marginChecks = marginChecks
  }

  /// The loop order of hidden layer `index`.
  func order(ofLayer index: Int) -> Order { index == 0 ? inputOrder ?? order : order }

  /// The paper's baseline: unrolled, input-stationary, ReLU after the last product of each neuron.
  public static let plain = ProgramSchedule()
}
