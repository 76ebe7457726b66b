import VisionModels

/// Distance of a filter to the geometric median of its layer's filters (FPGM: He et al., CVPR 2019). A filter close to the
/// median can be expressed by the others.
public struct GeometricMedian: ImportanceCriterion {
  public let name = "fpgm"
  public let needsImages = false
  /// Steps of Weiszfeld's iteration.
  public let iterations: Int

  /// Creates the criterion.
  public init(iterations: Int = 100) {
    self.iterations = iterations
  }

  public func scores(_ network: Network, context: ScoringContext) throws(PruneError) -> [String: [Float]] {
    try network.requireFiniteWeights()
    var result: [String: [Float]] = [:]
    for (layer, filters) in network.filterRows() {
      let points = filters.map { $0.map { Double($0) } }
      let median = Self.median(of: points, iterations: iterations)
      result[layer] = points.map { Float(Self.distance($0, median)) }
    }
    return result
  }

  /// Weiszfeld's iteration from the centroid; distances are kept off zero, so that it passes through data points.
  static func median(of points: [[Double]], iterations: Int) -> [Double] {
    guard let length = points.first?.count else { return [] }
    var centre = [Double](repeating: 0, count: length)
    for point in points { for (index, value) in point.enumerated() { centre[index] += value / Double(points.count) } }
    let scale = points.map { distance($0, centre) }.max() ?? 0
    guard scale > 0 else { return centre }
    for _ in 0..<iterations {
      var next = [Double](repeating: 0, count: length)
      var total = 0.0
      for point in points {
        let weight = 1 / max(distance(point, centre), 1e-9 * scale)
        total += weight
        for index in 0..<length { next[index] += weight * point[index] }
      }
      for index in 0..<length { next[index] /= total }
      let step = distance(next, centre)
      centre = next
      if step < 1e-10 * scale { break }
    }
    return centre
  }

  private static func distance(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += (a[index] - b[index]) * (a[index] - b[index]) }
    return sum.squareRoot()
  }
}
