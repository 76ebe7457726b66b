/// Which coordinates of a query or key head rotary position embedding turns together.
///
/// Both conventions compute the same model when the rows of the query and key projections are ordered accordingly;
/// using the wrong one gives fluent nonsense.
public enum RopePairing: String, Sendable, Hashable, Codable {
  /// Pairs (2i, 2i + 1), as in the paper (Su et al. 2021): GGUF files of architecture `llama`, whose converter has
  /// reordered the rows of the query and key projections.
  case interleaved
  /// Pairs (i, i + headSize / 2), "NeoX style": Hugging Face checkpoints and GGUF files of architecture `qwen2`.
  case halfSplit
}
