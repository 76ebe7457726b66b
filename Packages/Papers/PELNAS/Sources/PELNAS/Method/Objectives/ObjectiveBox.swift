/// The ranges of both objectives that normalise them for indicators (specification 2.9).
public struct ObjectiveBox: Sendable, Hashable, Codable {
  /// Least and greatest cost.
  public let cost: ClosedRange<Double>
  /// Least and greatest accuracy.
  public let accuracy: ClosedRange<Double>

  /// The smallest box around points; nil without points.
  public init?(around points: some Sequence<ScoredCell>) {
    var least: (cost: Double, accuracy: Double)?
    var greatest = (cost: 0.0, accuracy: 0.0)
    for point in points {
      if let old = least {
        least = (min(old.cost, point.cost), min(old.accuracy, point.accuracy))
        greatest = (max(greatest.cost, point.cost), max(greatest.accuracy, point.accuracy))
      } else {
        least = (point.cost, point.accuracy)
        greatest = (point.cost, point.accuracy)
      }
    }
    guard let least else { return nil }
    cost = least.cost...greatest.cost
    accuracy = least.accuracy...greatest.accuracy
  }

  /// Both objectives minimised: `x = (l − l_min)/(l_max − l_min)`, `y = (a_max − a)/(a_max − a_min)`; a flat side counts as 1 wide.
  public func normalize(_ point: ScoredCell) -> SIMD2<Double> {
    func width(_ range: ClosedRange<Double>) -> Double {
      range.upperBound > range.lowerBound ? range.upperBound - range.lowerBound : 1
    }
    return SIMD2(
      (point.cost - cost.lowerBound) / width(cost), (accuracy.upperBound - point.accuracy) / width(accuracy))
  }
}
