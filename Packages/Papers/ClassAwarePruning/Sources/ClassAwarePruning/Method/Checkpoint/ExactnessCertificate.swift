import TinyNN
import TinyTensor
import VisionModels

/// Proof that a rebuilt network computes what the silenced one computes (section 10, feature 4).
public struct ExactnessCertificate: Sendable, Hashable, Codable {
  /// Images compared.
  public let images: Int
  /// How the removed filters were silenced.
  public let mask: MaskStyle
  /// Largest absolute difference of a logit.
  public let maximumDifference: Float
  /// Largest absolute logit of the silenced network.
  public let largestLogit: Float
  /// With folded constants: the largest possible error of a layer's output at a padded border, else 0.
  public let borderBound: Float
  /// Size predicted by the plan.
  public let predicted: NetworkCounts
  /// Size of the rebuilt network, counted.
  public let counted: NetworkCounts
  /// Digest of the rebuilt weights.
  public let fingerprint: String

  /// Difference relative to the largest logit.
  public var relativeDifference: Float { maximumDifference / max(largestLogit, 1e-12) }
  /// Whether the sizes agree and the logits do up to rounding.
  public var holds: Bool { predicted == counted && maximumDifference <= 1e-4 * max(1, largestLogit) }

  /// Compares the two networks on images.
  /// - Parameters:
  ///   - original: the network the plan was made for.
  ///   - rebuilt: `original.pruned(by: plan, foldConstants:)`.
  ///   - images: `[n, height, width, channels]`, normalised.
  ///   - foldConstants: whether constants were folded when rebuilding.
  /// - Throws: ``PruneError`` if the plan does not belong to the network or the images do not fit.
  public init(
    original: Network, plan: PruningPlan, rebuilt: Network, images: Tensor, units: ChannelUnits? = nil,
    foldConstants: Bool = false
  ) throws(PruneError) {
    let closure: ChannelUnits
    if let units { closure = units } else { closure = try ChannelUnits(original, pinning: Set(plan.pins)) }
    let keep = try plan.keepMask(closure)
    mask = foldConstants ? .producersOnly : .everyNorm
    let silenced = original.masked(closure, keep: keep, style: mask)
    let expected = try silenced.evaluationLogits(images)
    let actual = try rebuilt.evaluationLogits(images)
    self.images = images.shape[0]
    maximumDifference = zip(expected.scalars, actual.scalars).reduce(0) { max($0, abs($1.0 - $1.1)) }
    largestLogit = expected.scalars.reduce(0) { max($0, abs($1)) }
    borderBound =
      foldConstants
      ? try ConstantFolding(original, units: closure, keep: keep).borderBounds.values.max() ?? 0 : 0
    predicted = plan.after
    counted = NetworkCounts(rebuilt)
    fingerprint = rebuilt.fingerprint
  }
}

extension Network {
  /// Logits in evaluation mode, without folding or fusing anything: `[n, classes]`.
  public func evaluationLogits(_ images: Tensor) throws(PruneError) -> Tensor {
    let parameters = try asPruneError { () throws(NetworkError) in try ParameterSet(self, trainable: false) }
    return try asPruneError { () throws(NetworkError) in
      try self.forward(Variable(images), parameters: parameters).value
    }
  }
}
