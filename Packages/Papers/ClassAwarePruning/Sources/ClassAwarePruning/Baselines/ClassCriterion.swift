import VisionModels

/// This paper's criterion: the number of classes a filter is important for.
public struct ClassCriterion: ImportanceCriterion {
  public let name = "class"
  public let countsClasses = true
  /// How the scores are made.
  public let options: ScoreOptions

  /// Creates the criterion.
  public init(options: ScoreOptions = ScoreOptions()) {
    self.options = options
  }

  public func scores(_ network: Network, context: ScoringContext) throws(PruneError) -> [String: [Float]] {
    let set = try context.images(for: network, criterion: name)
    return try ClassScorer(options).scores(network, set: set).byLayer
  }
}
