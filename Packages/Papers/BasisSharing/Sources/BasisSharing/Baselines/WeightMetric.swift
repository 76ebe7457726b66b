import Foundation
import LanguageModel
import TinyTensor

/// In which metric a matrix is approximated: what distinguishes the SVD compressors from each other.
public enum WeightMetric: Sendable, Hashable {
  /// Plain SVD: ‖W − BC‖.
  case plain
  /// A diagonal scaling by the root mean square of each input channel to the power `alpha`, after ASVD (Yuan et al. 2023), which
  /// uses the mean magnitude; the Grams hold the squares.
  case diagonal(alpha: Double)
  /// ‖X(W − BC)‖, the loss itself: SVD-LLM (Wang et al. 2024) and Basis Sharing.
  case whitened

  /// The Gram that stands for the metric.
  func gram(_ store: GramStore, site: InputSite, layers: [Int]) throws(BasisSharingError) -> DoubleMatrix {
    var gram = try store.gram(site, layers: layers)
    switch self {
    case .whitened: return gram
    case .plain, .diagonal:
      let rows = Double(max(1, store.tokens * layers.count))
      for row in 0..<gram.rows {
        let power = gram[row, row] / rows
        for column in 0..<gram.columns { gram[row, column] = 0 }
        if case .diagonal(let alpha) = self { gram[row, row] = pow(power, alpha) } else { gram[row, row] = 1 }
      }
      return gram
    }
  }
}
