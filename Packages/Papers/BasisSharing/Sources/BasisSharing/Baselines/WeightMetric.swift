import Foundation
import LanguageModel
import TinyTensor

/// In which metric a matrix is approximated: what distinguishes the SVD compressors from each other.
public enum WeightMetric: Sendable, Hashable {
  /// Plain SVD: ‖W − BC‖.
  case plain
  /// A diagonal scaling of every input by its mean magnitude to the power `alpha`: ASVD (Yuan et al. 2023). Sums do instead of means,
  /// since a common factor changes no truncation.
  case diagonal(alpha: Double)
  /// ‖X(W − BC)‖, the loss itself: SVD-LLM (Wang et al. 2024) and Basis Sharing.
  case whitened

  /// The Gram that stands for the metric.
  func gram(_ store: GramStore, site: InputSite, layers: [Int]) throws(BasisSharingError) -> DoubleMatrix {
    switch self {
    case .whitened: return try store.gram(site, layers: layers)
    case .plain: return Self.diagonal(try store.magnitudes(site, layers: layers).map { _ in 1 })
    case .diagonal(let alpha):
      return Self.diagonal(try store.magnitudes(site, layers: layers).map { pow($0, 2 * alpha) })
    }
  }

  private static func diagonal(_ values: [Double]) -> DoubleMatrix {
    var result = DoubleMatrix(zeros: values.count, values.count)
    for (index, value) in values.enumerated() { result[index, index] = value }
    return result
  }
}
