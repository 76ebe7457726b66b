/// One condition of a design rule that a machine can check (specification 2.5).
public enum RuleAtom: Sendable, Hashable {
  /// How a count compares with a bound.
  public enum Relation: String, Sendable, Hashable, Codable, CaseIterable {
    case atMost = "<="
    case atLeast = ">="
    case exactly = "=="

    func holds(_ value: Int, _ bound: Int) -> Bool {
      switch self {
      case .atMost: value <= bound
      case .atLeast: value >= bound
      case .exactly: value == bound
      }
    }
  }

  /// The edge carries this operation.
  case edge(Int, CellOperation)
  /// The operation occurs that often.
  case count(CellOperation, Relation, Int)
  /// The longest path has that many computing edges.
  case pathLength(Relation, Int)

  /// Whether a cell satisfies the condition.
  public func holds(for cell: Cell) -> Bool {
    switch self {
    case .edge(let edge, let operation): cell[edge] == operation
    case .count(let operation, let relation, let bound): relation.holds(cell.count(operation), bound)
    case .pathLength(let relation, let bound): relation.holds(cell.depth, bound)
    }
  }

  /// The condition in words.
  public var text: String {
    switch self {
    case .edge(let edge, let operation):
      "edge \(Cell.edges[edge].source)→\(Cell.edges[edge].target) is \(operation.shortName)"
    case .count(let operation, let relation, let bound): "count(\(operation.shortName)) \(relation.rawValue) \(bound)"
    case .pathLength(let relation, let bound): "path length \(relation.rawValue) \(bound)"
    }
  }
}

extension RuleAtom: Codable {
  private enum CodingKeys: String, CodingKey { case edge, op, count, pathLength, relation, n }

  /// Reads `{"edge":[0,3],"op":1}`, `{"count":3,"relation":">=","n":2}` or `{"pathLength":"<=","n":3}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func fail(_ key: CodingKeys, _ problem: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: problem)
    }
    if container.contains(.edge) {
      let ends = try container.decode([Int].self, forKey: .edge)
      guard let edge = Cell.edges.firstIndex(where: { [$0.source, $0.target] == ends }) else {
        throw fail(.edge, "\(ends) is no edge i<j of nodes 0…3")
      }
      self = .edge(edge, try container.decode(CellOperation.self, forKey: .op))
      return
    }
    let bound = try container.decode(Int.self, forKey: .n)
    guard (0...Cell.edgeCount).contains(bound) else { throw fail(.n, "\(bound) is not 0…6") }
    if container.contains(.count) {
      self = .count(
        try container.decode(CellOperation.self, forKey: .count),
        try container.decode(Relation.self, forKey: .relation), bound)
    } else {
      self = .pathLength(try container.decode(Relation.self, forKey: .pathLength), bound)
    }
  }

  /// Writes the same forms.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .edge(let edge, let operation):
      try container.encode([Cell.edges[edge].source, Cell.edges[edge].target], forKey: .edge)
      try container.encode(operation, forKey: .op)
    case .count(let operation, let relation, let bound):
      try container.encode(operation, forKey: .count)
      try container.encode(relation, forKey: .relation)
      try container.encode(bound, forKey: .n)
    case .pathLength(let relation, let bound):
      try container.encode(relation, forKey: .pathLength)
      try container.encode(bound, forKey: .n)
    }
  }
}
