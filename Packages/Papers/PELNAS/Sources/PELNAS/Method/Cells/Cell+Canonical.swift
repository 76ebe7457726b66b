extension Cell {
  /// The same cell without dead operations: an edge whose source is not reachable from the input, or whose target cannot reach
  /// the output, becomes `none`. The trained function and every functional proxy depend on this form only.
  public var canonical: Cell { Self.canonicalForms[code] }

  /// Whether the input reaches the output. The 341 disconnected cells sit at chance accuracy and never enter a front.
  public var isConnected: Bool { canonical.code != 0 }

  /// Whether no operation is dead.
  public var isCanonical: Bool { canonical.code == code }

  /// Nodes on the longest path from input to output, counted in edges that compute (convolutions and pooling); 0 if disconnected.
  public var depth: Int {
    let live = canonical
    guard live.code != 0 else { return 0 }
    var longest = [0, Int.min, Int.min, Int.min]
    for (edge, ends) in Self.edges.enumerated() {
      let operation = live[edge]
      guard operation != .none, longest[ends.source] != Int.min else { continue }
      let step = operation == .skip ? 0 : 1
      longest[ends.target] = max(longest[ends.target], longest[ends.source] + step)
    }
    return max(0, longest[3])
  }

  /// Canonical forms by code.
  private static let canonicalForms: [Cell] = all.map { $0.withoutDeadOperations() }

  private func withoutDeadOperations() -> Cell {
    var fromInput = [true, false, false, false]
    for (edge, ends) in Self.edges.enumerated() where digit(edge) != 0 && fromInput[ends.source] {
      fromInput[ends.target] = true
    }
    var toOutput = [false, false, false, true]
    for (edge, ends) in Self.edges.enumerated().reversed() where digit(edge) != 0 && toOutput[ends.target] {
      toOutput[ends.source] = true
    }
    var result = self
    for (edge, ends) in Self.edges.enumerated() where !(fromInput[ends.source] && toOutput[ends.target]) {
      result = result.replacing(edge, with: .none)
    }
    return result
  }
}
