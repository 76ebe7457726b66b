import Foundation
import LanguageModel
import ReproductionKit
import TinyNN
import TinyTensor

/// Recovery by training all bases and coefficients (appendix "full fine-tuning"); dense matrices, norms and embeddings stay frozen.
///
/// A shared basis gets the gradients of all layers of its group.
public struct FactorTuning: Sendable, Hashable, Codable {
  /// The constant learning rate of AdamW without decay.
  public var learningRate: Float
  /// Steps of one sequence each.
  public var steps: Int
  /// Tokens per sequence.
  public var length: Int

  /// Settings; the learning rate is the paper's.
  public init(learningRate: Float = 2e-6, steps: Int = 150, length: Int = 512) {
    self.learningRate = learningRate
    self.steps = steps
    self.length = length
  }

  /// Trains the factors on consecutive sequences of a text.
  ///
  /// - Parameters:
  ///   - model: The compressed model; its factors change.
  ///   - tokens: The text.
  ///   - checkpoint: A file to go on from and to leave the state in every 25 steps: three times the size of the factors.
  ///   - progress: Where to tell how far it is.
  ///   - isCancelled: Asked before each step.
  /// - Returns: The loss of every step.
  /// - Throws: ``BasisSharingError`` for too short a text, `LanguageModelError`, or `Interrupted`.
  @discardableResult
  public func train(
    _ model: inout CompressedModel, on tokens: [Int32], checkpoint: URL? = nil, progress: ProgressReporter = .silent,
    isCancelled: () -> Bool = { false }
  ) throws -> [Double] {
    var maps: [LinearAddress: TrainableLinear] = [:]
    var trained: [(basis: Variable, coefficients: [Variable])] = []
    for (group, name, factors) in model.named {
      let basis = Variable(factors.basis, requiresGradient: true, name: name)
      let coefficients = zip(group.layers, factors.coefficients).map { layer, value in
        Variable(value, requiresGradient: true, name: "\(layer).\(group.site.rawValue)")
      }
      for (layer, own) in zip(group.layers, coefficients) {
        maps[LinearAddress(layer: layer, site: group.site)] = .factored(basis: basis, coefficients: own)
      }
      trained.append((basis, coefficients))
    }
    let loop = RecoveryLoop(
      tokens: tokens, length: length, steps: steps, learningRate: learningRate, settings: "all factors")
    let losses = try loop.run(
      trained.flatMap { [$0.basis] + $0.coefficients }, running: model.model(), checkpoint: checkpoint,
      progress: progress, isCancelled: isCancelled, maps: { maps })
    model.factors = trained.map { SharedFactors(basis: $0.basis.value, coefficients: $0.coefficients.map(\.value)) }
    return losses
  }
}
