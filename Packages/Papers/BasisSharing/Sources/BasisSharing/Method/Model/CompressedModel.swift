import FileKit
import Foundation
import LanguageModel
import TinyTensor

/// A model some of whose matrices are factors.
///
/// ```swift
/// let compressed = try compressor.compress(plan)
/// let loss = try compressed.model().perplexity(of: tokens, window: 1024).meanLoss
/// try compressed.write(to: url, source: file, precision: .q8_0)
/// ```
public struct CompressedModel: Sendable {
  /// The model with the dense matrices, norms and embeddings.
  public let base: LlamaModel
  /// What shares with what.
  public var plan: SharingPlan
  /// The factors of each group of the plan.
  public var factors: [SharedFactors]

  /// Joins a plan with its factors.
  public init(base: LlamaModel, plan: SharingPlan, factors: [SharedFactors]) {
    precondition(plan.groups.count == factors.count, "\(factors.count) factors for \(plan.groups.count) groups")
    self.base = base
    self.plan = plan
    self.factors = factors
  }

  /// The shapes of the model's matrices.
  public var shapes: ModelShapes { ModelShapes(base.config) }

  /// The model that runs: layers of a group share one packed basis.
  ///
  /// - Parameter groups: The groups of the plan whose factors are put in place; all by default.
  /// - Throws: `LanguageModelError` if the factors do not fit the model.
  public func model(groups: [Int]? = nil) throws -> LlamaModel {
    var operators: [LinearAddress: any LinearOperator] = [:]
    for index in groups ?? Array(plan.groups.indices) {
      let (group, factors) = (plan.groups[index], factors[index])
      let basis = DenseLinear(factors.basis.transposed, identifier: Self.digest(factors.basis))
      for (layer, coefficients) in zip(group.layers, factors.coefficients) {
        operators[LinearAddress(layer: layer, site: group.site)] = FactoredLinear(
          basis: basis,
          coefficients: DenseLinear(coefficients.transposed, identifier: Self.digest(coefficients)))
      }
    }
    return try base.replacing(operators)
  }

  /// The same model with only a part of every group's basis: quality against speed from one file, because basis vectors are ordered by
  /// their singular values.
  ///
  /// - Parameter fraction: The part of the basis vectors to keep, in (0, 1].
  /// - Throws: ``BasisSharingError/invalidRatio(_:)``.
  public func truncated(keeping fraction: Double) throws(BasisSharingError) -> CompressedModel {
    guard fraction > 0, fraction <= 1 else { throw .invalidRatio(fraction) }
    var result = self
    for index in plan.groups.indices {
      let rank = max(1, Int((fraction * Double(factors[index].rank)).rounded()))
      result.factors[index] = factors[index].truncated(to: rank)
      result.plan.groups[index].rank = rank
    }
    return result
  }

  /// Names the content of a tensor.
  private static func digest(_ tensor: Tensor) -> String {
    var hash = SHA256()
    tensor.withUnsafeBufferPointer { hash.update(UnsafeRawBufferPointer($0)) }
    return String(hash.hexDigest().prefix(16))
  }
}
