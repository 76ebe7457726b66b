/// The tokens of one forward pass: where each goes and what it sees.
struct ForwardBatch {
  /// Per token: the sequence it belongs to (index of a cache); tokens of one sequence are consecutive.
  var sequences: [Range<Int>] = []
  /// Per token: its slot in its cache.
  var slots: [Int32] = []
  /// Per token: its position.
  var positions: [Int32] = []
  /// Per token: the slots it attends to.
  var visibility: [Visibility] = []

  var count: Int { slots.count }

  /// The tokens `range`, for computing a long batch in chunks.
  func chunk(_ range: Range<Int>) -> ForwardBatch {
    var result = ForwardBatch()
    result.slots = Array(slots[range])
    result.positions = Array(positions[range])
    result.visibility = Array(visibility[range])
    result.sequences = sequences.map { rows in
      let overlap = rows.clamped(to: range)
      return overlap.isEmpty ? 0..<0 : overlap.lowerBound - range.lowerBound..<overlap.upperBound - range.lowerBound
    }
    return result
  }
}
