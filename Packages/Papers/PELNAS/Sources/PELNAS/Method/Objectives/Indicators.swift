/// Quality measures of sets of points, both coordinates minimised (specification 2.9).
public enum Indicators {
  /// The area that the points dominate below a reference point; 0 for no points, points beyond the reference count nothing.
  ///
  /// Adding a point never lowers it, and neither order, nor duplicates, nor ties matter.
  public static func hypervolume(_ points: [SIMD2<Double>], reference: SIMD2<Double>) -> Double {
    let inside = points.filter { $0.x < reference.x && $0.y < reference.y }
      .sorted { $0.x != $1.x ? $0.x < $1.x : $0.y < $1.y }
    var area = 0.0
    var level = reference.y
    for point in inside where point.y < level {
      area += (reference.x - point.x) * (level - point.y)
      level = point.y
    }
    return area
  }

  /// Mean distance of the true front's points to the nearest found point; infinite if nothing was found.
  public static func invertedGenerationalDistance(_ found: [SIMD2<Double>], front: [SIMD2<Double>]) -> Double {
    mean(front) { goal in
      found.reduce(.infinity) { nearest, point in
        let gap = point - goal
        return min(nearest, (gap * gap).sum().squareRoot())
      }
    }
  }

  /// The same, of the part by which the found point is worse (IGD⁺): weakly Pareto-compliant.
  public static func invertedGenerationalDistancePlus(_ found: [SIMD2<Double>], front: [SIMD2<Double>]) -> Double {
    mean(front) { goal in
      found.reduce(.infinity) { nearest, point in
        let gap = (point - goal).clamped(lowerBound: .zero, upperBound: SIMD2(repeating: .infinity))
        return min(nearest, (gap * gap).sum().squareRoot())
      }
    }
  }

  private static func mean(_ front: [SIMD2<Double>], _ distance: (SIMD2<Double>) -> Double) -> Double {
    guard !front.isEmpty else { return 0 }
    return front.reduce(0) { $0 + distance($1) } / Double(front.count)
  }
}
