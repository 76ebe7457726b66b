import LanguageModel

/// Which matrix types share a basis between adjacent layers (section "selection of matrices").
public enum SharingPreset: String, Sendable, Hashable, Codable, CaseIterable {
  /// None: a basis for every matrix, which is SVD-LLM.
  case separate
  /// Query, key, value, gate and up: the paper's choice for LLaMA.
  case llama
  /// Query, gate and up: the public code's choice for grouped-query models.
  case gqa
  /// All seven, to show why the paper does not.
  case all

  /// The shared types.
  public var shared: Set<LinearSite> {
    switch self {
    case .separate: []
    case .llama: [.query, .key, .value, .gate, .up]
    case .gqa: [.query, .gate, .up]
    case .all: Set(LinearSite.allCases)
    }
  }
}
