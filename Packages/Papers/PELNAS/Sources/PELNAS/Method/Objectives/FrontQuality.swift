/// How close a found front comes to the true one. Every number says in its name against which box it was normalised.
public struct FrontQuality: Sendable, Hashable, Codable {
  /// Hypervolume over the true front's, box of all usable cells, reference (1, 1).
  public let hvFull: Double
  /// Hypervolume over the true front's, box of the true front, reference (1.1, 1.1): the measure that tells searchers apart.
  public let hvFront: Double
  /// Inverted generational distance in the box of all usable cells.
  public let igdFull: Double
  /// Inverted generational distance in the box of the true front.
  public let igdFront: Double
  /// IGD⁺ in the box of the true front.
  public let igdPlusFront: Double
  /// Share of the true front's cells that were found.
  public let hit: Double
}
