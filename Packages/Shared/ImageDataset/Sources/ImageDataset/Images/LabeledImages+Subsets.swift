import TinyTensor

extension LabeledImages {
  /// The images at `indices`, in that order; the pixels are shared, not copied.
  public func subset(_ indices: [Int]) -> LabeledImages {
    precondition(indices.allSatisfy(labels.indices.contains), "a subset of \(count) images has an index outside them")
    return LabeledImages(
      info, split: split, labels: indices.map { labels[$0] }, storage: storage,
      positions: indices.map { positions?[$0] ?? $0 })
  }

  /// The first `count` images, or all when there are fewer.
  public func prefix(_ count: Int) -> LabeledImages { subset(Array(0..<min(max(count, 0), self.count))) }

  /// Draws `count` images at random so that every class keeps its share; both parts stay in the original order.
  ///
  /// - Parameters:
  ///   - count: How many to draw, at most all.
  ///   - seed: The same seed draws the same images.
  public func stratified(count: Int, seed: UInt64) -> (chosen: LabeledImages, rest: LabeledImages) {
    precondition(count >= 0 && count <= self.count, "cannot draw \(count) of \(self.count) images")
    var chosen: [Int] = []
    for (label, quota) in quotas(total: count).enumerated() where quota > 0 {
      var random = Philox(seed: seed, stream: "stratified/\(label)")
      var members = indices(ofClass: label)
      members.fisherYates(using: &random)
      chosen += members.prefix(quota)
    }
    let isChosen = Set(chosen)
    return (subset(chosen.sorted()), subset(labels.indices.filter { !isChosen.contains($0) }))
  }

  /// How many of `total` draws each class gets: its share rounded down, and what is left over to the largest remainders.
  private func quotas(total: Int) -> [Int] {
    let sizes = classCounts
    guard count > 0 else { return sizes }
    var quotas = sizes.map { $0 * total / count }
    let order = sizes.indices.sorted { first, second in
      let remainders = (sizes[first] * total % count, sizes[second] * total % count)
      return remainders.0 != remainders.1 ? remainders.0 > remainders.1 : first < second
    }
    for label in order.prefix(total - quotas.reduce(0, +)) { quotas[label] += 1 }
    return quotas
  }
}
