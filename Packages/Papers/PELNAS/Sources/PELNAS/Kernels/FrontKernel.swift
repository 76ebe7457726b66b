/// The first Pareto front of many points (cost minimised, gain maximised) in linear time plus the sorting of what is left.
enum FrontKernel {
  private static let buckets = 512

  /// Indices of the nondominated points by cost ↑, gain ↓, index ↑, with strictly rising gain; points with NaN are left out.
  ///
  /// Buckets of cost come first: a point whose gain does not exceed the best of a cheaper bucket is dominated, and few remain.
  static func front(cost: UnsafeBufferPointer<Double>, gain: UnsafeBufferPointer<Double>) -> [Int] {
    let count = cost.count
    var low = Double.infinity
    var high = -Double.infinity
    for index in 0..<count where cost[index] == cost[index] && gain[index] == gain[index] {
      low = min(low, cost[index])
      high = max(high, cost[index])
    }
    guard low <= high else { return [] }
    let scale = high > low ? Double(buckets - 1) / (high - low) : 0
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: buckets + 1) { best in
      best.initialize(repeating: -.infinity)
      for index in 0..<count {
        let bucket = (cost[index] - low) * scale
        guard bucket >= 0, gain[index] > best[Int(bucket) + 1] else { continue }
        best[Int(bucket) + 1] = gain[index]
      }
      for bucket in 1...buckets { best[bucket] = max(best[bucket], best[bucket - 1]) }
      var candidates: [Int] = []
      for index in 0..<count {
        let bucket = (cost[index] - low) * scale
        guard bucket >= 0, gain[index] > best[Int(bucket)] else { continue }
        candidates.append(index)
      }
      candidates.sort { left, right in
        if cost[left] != cost[right] { return cost[left] < cost[right] }
        return gain[left] != gain[right] ? gain[left] > gain[right] : left < right
      }
      var front: [Int] = []
      var top = -Double.infinity
      for index in candidates where gain[index] > top {
        front.append(index)
        top = gain[index]
      }
      return front
    }
  }

  /// As above, of arrays.
  static func front(cost: [Double], gain: [Double]) -> [Int] {
    precondition(cost.count == gain.count, "one gain per cost")
    return cost.withUnsafeBufferPointer { cost in
      gain.withUnsafeBufferPointer { gain in front(cost: cost, gain: gain) }
    }
  }
}
