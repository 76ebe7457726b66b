/// When coefficients are refitted to the inputs that compression changed (section "weight update").
public enum UpdateMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// Never.
  case none
  /// Once, behind the compression of all layers: the public code.
  case allAtOnce = "all-at-once"
  /// Group by group from the first layer on, with Grams collected again behind each: the paper's text.
  case sequential
}

/// What coefficients are refitted to.
public enum UpdateTarget: String, Sendable, Hashable, Codable, CaseIterable {
  /// W on the changed inputs of all layers of the group: the public code.
  case group
  /// W on each layer's own changed inputs.
  case layer
  /// The original outputs X W from the changed inputs X′: C = (BᵀX′ᵀX′B)⁻¹ BᵀX′ᵀX W.
  case cross
}
