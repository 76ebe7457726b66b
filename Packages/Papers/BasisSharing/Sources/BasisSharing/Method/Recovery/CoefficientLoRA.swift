import Foundation
import LanguageModel
import ReproductionKit
import TinyNN
import TinyTensor

/// Recovery by low-rank adapters on the coefficients of query and value (appendix "LoRA fine-tuning"): C ← C + α/r · A · D with the basis
/// frozen. The adapters are merged at the end, so the format does not change.
///
/// Since x B (C + s A D) = (x B) C + s (x B A) D, an adapter of the coefficients runs as an adapter of the whole map whose first matrix is
/// B A: nothing of the size of B or C is differentiated.
public struct CoefficientLoRA: Sendable, Hashable, Codable {
  /// r, the rank of the adapters.
  public var rank: Int
  /// α.
  public var alpha: Float
  /// The constant learning rate of AdamW without decay.
  public var learningRate: Float
  /// Steps of one sequence each.
  public var steps: Int
  /// Tokens per sequence.
  public var length: Int
  /// Seed of the adapters' start.
  public var seed: UInt64

  /// Settings; the defaults are the paper's, but for steps and length.
  public init(
    rank: Int = 8, alpha: Float = 32, learningRate: Float = 1e-4, steps: Int = 150, length: Int = 512, seed: UInt64 = 0
  ) {
    self.rank = rank
    self.alpha = alpha
    self.learningRate = learningRate
    self.steps = steps
    self.length = length
    self.seed = seed
  }

  /// The matrices with adapters.
  public static let sites: Set<LinearSite> = [.query, .value]

  /// Trains adapters on consecutive sequences of a text and merges them.
  ///
  /// - Parameters:
  ///   - model: The compressed model; its coefficients change.
  ///   - tokens: The text.
  ///   - checkpoint: A file to go on from and to leave the state in every 25 steps.
  ///   - progress: Where to tell how far it is.
  ///   - isCancelled: Asked before each step.
  /// - Returns: The loss of every step.
  /// - Throws: ``BasisSharingError`` for too short a text or no factors to adapt, `LanguageModelError`, or `Interrupted`.
  @discardableResult
  public func train(
    _ model: inout CompressedModel, on tokens: [Int32], checkpoint: URL? = nil, progress: ProgressReporter = .silent,
    isCancelled: () -> Bool = { false }
  ) throws -> [Double] {
    let running = try model.model()
    let adapters = CoefficientAdapter.all(of: model, settings: self)
    guard !adapters.isEmpty, rank > 0 else {
      throw BasisSharingError.unsupportedModel("neither query nor value matrices have factors to adapt")
    }
    let loop = RecoveryLoop(
      tokens: tokens, length: length, steps: steps, learningRate: learningRate, settings: "\(rank) \(alpha) \(seed)")
    let losses = try loop.run(
      adapters.flatMap { [$0.down, $0.up] }, running: running, checkpoint: checkpoint, progress: progress,
      isCancelled: isCancelled
    ) {
      Dictionary(uniqueKeysWithValues: adapters.map { ($0.address, $0.trainable) })
    }
    for adapter in adapters {
      model.factors[adapter.group].coefficients[adapter.position].add(
        matmul(adapter.down.value, adapter.up.value), scaledBy: adapter.scale)
    }
    return losses
  }
}
