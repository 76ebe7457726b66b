import VisionModels

/// A way to say how important each filter is; the lowest go first.
public protocol ImportanceCriterion: Sendable {
  /// Short name for tables and the command line.
  var name: String { get }
  /// Whether scores count classes, `0...N`, so that a threshold in classes makes sense.
  var countsClasses: Bool { get }
  /// Whether images are needed.
  var needsImages: Bool { get }

  /// Importance of every filter, by layer.
  /// - Throws: ``PruneError`` if images are needed and absent, do not fit, or something is not finite.
  func scores(_ network: Network, context: ScoringContext) throws(PruneError) -> [String: [Float]]
}

extension ImportanceCriterion {
  public var countsClasses: Bool { false }
  public var needsImages: Bool { true }
}

/// What a criterion may look at beside the weights.
public struct ScoringContext: Sendable {
  /// Images of every class.
  public let set: ScoringSet?
  /// Seed of random choices.
  public let seed: UInt64

  /// Creates a context.
  public init(set: ScoringSet? = nil, seed: UInt64 = 0) {
    self.set = set
    self.seed = seed
  }

  /// The images, checked against the network.
  func images(for network: Network, criterion: String) throws(PruneError) -> ScoringSet {
    guard let set else { throw .nothingPrunable("the criterion \(criterion) needs images; give data (--data)") }
    try set.check(network)
    return set
  }
}

/// The criteria by name.
public enum Criteria {
  /// Names understood by ``named(_:options:)``.
  public static let names = [
    "class", "l1", "l1-mean", "l1-normalised", "l2", "bn", "taylor", "activation", "apoz", "fpgm", "hrank", "synflow",
    "random",
  ]

  /// Makes a criterion.
  /// - Parameter options: how the class score is made.
  /// - Throws: ``PruneError/invalidOption(_:value:expected:)`` for an unknown name.
  public static func named(
    _ name: String, options: ScoreOptions = ScoreOptions()
  ) throws(PruneError) -> any ImportanceCriterion {
    switch name {
    case "class": ClassCriterion(options: options)
    case "l1": WeightNorm(.l1)
    case "l1-mean": WeightNorm(.l1, scaling: .mean)
    case "l1-normalised": WeightNorm(.l1, scaling: .layerMaximum)
    case "l2": WeightNorm(.l2)
    case "bn": BatchNormScale()
    case "taylor": TaylorGate()
    case "activation": ActivationStatistic(.mean)
    case "apoz": ActivationStatistic(.shareOfNonZeros)
    case "fpgm": GeometricMedian()
    case "hrank": FeatureMapRank()
    case "synflow": SynapticFlow()
    case "random": RandomCriterion()
    default: throw .invalidOption("the criterion", value: name, expected: names.joined(separator: ", "))
    }
  }
}

extension Network {
  /// The node where a layer's values are seen after `stage`: itself, the batch norm right behind it, or the activation
  /// behind that. Falls back to the last of these that exists.
  func observationPoint(_ layer: String, stage: ObservationStage) -> String {
    var point = layer
    if stage == .convolution { return point }
    if let norm = onlyConsumer(of: point), case .batchNorm = norm.op { point = norm.name }
    if stage == .normalised { return point }
    if let next = onlyConsumer(of: point), next.op.isActivation { point = next.name }
    return point
  }

  private func onlyConsumer(of name: String) -> Node? {
    let readers = consumers(of: name)
    return readers.count == 1 ? readers[0] : nil
  }
}

/// Where a layer's output is looked at.
enum ObservationStage {
  case convolution, normalised, activated
}

extension Node.Operation {
  var isActivation: Bool {
    switch self {
    case .relu, .relu6, .gelu, .silu, .sigmoid, .hardSigmoid, .tanh, .leakyReLU: true
    default: false
    }
  }
}
