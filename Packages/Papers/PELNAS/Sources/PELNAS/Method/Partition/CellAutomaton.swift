import TinyTensor

/// The words of a niche as an automaton over the six digits: which digits can still be completed, and into how many words.
///
/// It is what a constrained model is decoded with (specification, appendix B), for any niche, not only for counts of
/// convolutions; counting completions instead of marking them gives exact uniform sampling.
public struct CellAutomaton: Sendable {
  /// `completions[position][prefix]`: words of the niche that begin with `position` digits whose number to base 5 is `prefix`.
  private let completions: [[Int32]]

  /// The automaton that accepts exactly these cells.
  public init(_ cells: some Sequence<Cell>) {
    var levels = (0...Cell.edgeCount).map { [Int32](repeating: 0, count: [1, 5, 25, 125, 625, 3125, 15_625][$0]) }
    for cell in cells { levels[Cell.edgeCount][cell.code] = 1 }
    for position in (0..<Cell.edgeCount).reversed() {
      for prefix in levels[position].indices {
        levels[position][prefix] = (0..<5).reduce(0) { $0 + levels[position + 1][5 * prefix + $1] }
      }
    }
    completions = levels
  }

  /// Number of words.
  public var count: Int { Int(completions[0][0]) }

  /// Whether a cell belongs to the niche.
  public func contains(_ cell: Cell) -> Bool { completions[Cell.edgeCount][cell.code] > 0 }

  /// Number of words behind each digit 0…4 that may follow a prefix; 0 marks a dead transition.
  public func completions(after prefix: Int, position: Int) -> [Int] {
    (0..<5).map { Int(completions[position + 1][5 * prefix + $0]) }
  }

  /// Draws a word digit by digit.
  ///
  /// - Parameter weight: relative weight of a digit on an edge; dead digits are masked, and where nothing alive has weight
  ///   the completions decide.
  /// - Returns: nil for an empty niche.
  public func draw(using generator: inout Philox, weight: (_ edge: Int, _ digit: Int) -> Double) -> Cell? {
    guard count > 0 else { return nil }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 5) { masked in
      var prefix = 0
      for edge in 0..<Cell.edgeCount {
        let alive = completions[edge + 1][(5 * prefix)..<(5 * prefix + 5)]
        masked.baseAddress?.initialize(repeating: 0, count: 5)
        var sum = 0.0
        for (digit, words) in alive.enumerated() where words > 0 {
          masked[digit] = max(0, weight(edge, digit))
          sum += masked[digit]
        }
        if sum <= 0 {
          for (digit, words) in alive.enumerated() { masked[digit] = Double(words) }
        }
        prefix = 5 * prefix + generator.pick(masked)
      }
      return Cell(uncheckedCode: prefix)
    }
  }

  /// Draws a word of the niche, all equally likely; nil for an empty niche.
  public func uniform(using generator: inout Philox) -> Cell? {
    guard count > 0 else { return nil }
    var rank = Int32(generator.next(below: count))
    var prefix = 0
    for position in 1...Cell.edgeCount {
      var digit = 0
      while rank >= completions[position][5 * prefix + digit] {
        rank -= completions[position][5 * prefix + digit]
        digit += 1
      }
      prefix = 5 * prefix + digit
    }
    return Cell(uncheckedCode: prefix)
  }
}

extension Philox {
  /// An index with probability proportional to its weight; the weights must not all be 0.
  mutating func pick(_ weights: some BidirectionalCollection<Double>) -> Int {
    var rest = Double(next() >> 11) * 0x1p-53 * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() where weight > 0 {
      if rest < weight { return index }
      rest -= weight
    }
    return weights.enumerated().reduce(0) { $1.element > 0 ? $1.offset : $0 }
  }
}
