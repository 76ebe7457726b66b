/// The non-dominated points of a two-objective trade-off, such as cost against accuracy.
public struct ParetoFront: Sendable, Hashable, Codable {
  /// Whether an objective is better when small or when large.
  public enum Goal: String, Sendable, Codable, Hashable {
    /// Smaller is better (cost, latency, error).
    case minimize
    /// Larger is better (accuracy, throughput).
    case maximize
  }

  /// A point of the trade-off.
  public struct Point: Sendable, Hashable, Codable {
    /// First objective.
    public let x: Double
    /// Second objective.
    public let y: Double
    /// Index of the point in the list the front was made from.
    public let index: Int
  }

  /// The front, by ascending x. Equal points are kept once.
  public let points: [Point]
  /// The goal in x.
  public let xGoal: Goal
  /// The goal in y.
  public let yGoal: Goal

  /// The front of paired values. Points with a NaN are dominated by everything.
  public init(x: [Double], y: [Double], xGoal: Goal = .minimize, yGoal: Goal = .maximize) {
    precondition(x.count == y.count, "ParetoFront: \(x.count) and \(y.count) values cannot be paired")
    let xSign: Double = xGoal == .minimize ? 1 : -1
    let ySign: Double = yGoal == .minimize ? 1 : -1
    let candidates = x.indices.filter { !x[$0].isNaN && !y[$0].isNaN }
    let order = candidates.sorted { (xSign * x[$0], ySign * y[$0]) < (xSign * x[$1], ySign * y[$1]) }
    var best = Double.infinity
    var front: [Point] = []
    for index in order where ySign * y[index] < best {
      best = ySign * y[index]
      front.append(Point(x: x[index], y: y[index], index: index))
    }
    points = xGoal == .minimize ? front : front.reversed()
    self.xGoal = xGoal
    self.yGoal = yGoal
  }

  /// The front's y at `x` by linear interpolation between neighbouring front points; `nil` outside the front's range of x.
  public func interpolated(at x: Double) -> Double? {
    Statistics.interpolate(x: points.map(\.x), y: points.map(\.y), at: x)
  }
}

extension Statistics {
  /// Piecewise-linear interpolation of `y` over ascending `x`.
  ///
  /// - Returns: `nil` outside the range of `x`, for NaN, and for empty lists.
  public static func interpolate(x: [Double], y: [Double], at position: Double) -> Double? {
    precondition(x.count == y.count, "interpolate: \(x.count) and \(y.count) values cannot be paired")
    guard let first = x.first, let last = x.last, position >= first, position <= last else { return nil }
    guard let upper = x.firstIndex(where: { $0 >= position }) else { return nil }
    if x[upper] == position || upper == 0 { return y[upper] }
    let fraction = (position - x[upper - 1]) / (x[upper] - x[upper - 1])
    return y[upper - 1] + fraction * (y[upper] - y[upper - 1])
  }
}
