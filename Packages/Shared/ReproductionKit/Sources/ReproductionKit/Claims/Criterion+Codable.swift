extension Criterion: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, bound, target, tolerance, order, criteria
  }

  private enum Kind: String, Codable {
    case atMost, atLeast, within, exactly, isTrue, ordered, each, reported
  }

  /// Reads a criterion as `{"kind": "atLeast", "bound": 93}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(Kind.self, forKey: .kind) {
    case .atMost: self = .atMost(try container.decodeNumber(forKey: .bound))
    case .atLeast: self = .atLeast(try container.decodeNumber(forKey: .bound))
    case .within:
      self = .within(
        try container.decodeNumber(forKey: .target), tolerance: try container.decodeNumber(forKey: .tolerance))
    case .exactly: self = .exactly(try container.decodeNumber(forKey: .target))
    case .isTrue: self = .isTrue
    case .ordered: self = .ordered(try container.decode(Ordering.self, forKey: .order))
    case .each: self = .each(try container.decode([Criterion].self, forKey: .criteria))
    case .reported: self = .reported
    }
  }

  /// Writes the kind and its numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .atMost(let bound):
      try container.encode(Kind.atMost, forKey: .kind)
      try container.encodeNumber(bound, forKey: .bound)
    case .atLeast(let bound):
      try container.encode(Kind.atLeast, forKey: .kind)
      try container.encodeNumber(bound, forKey: .bound)
    case .within(let target, let tolerance):
      try container.encode(Kind.within, forKey: .kind)
      try container.encodeNumber(target, forKey: .target)
      try container.encodeNumber(tolerance, forKey: .tolerance)
    case .exactly(let target):
      try container.encode(Kind.exactly, forKey: .kind)
      try container.encodeNumber(target, forKey: .target)
    case .isTrue:
      try container.encode(Kind.isTrue, forKey: .kind)
    case .ordered(let ordering):
      try container.encode(Kind.ordered, forKey: .kind)
      try container.encode(ordering, forKey: .order)
    case .each(let criteria):
      try container.encode(Kind.each, forKey: .kind)
      try container.encode(criteria, forKey: .criteria)
    case .reported:
      try container.encode(Kind.reported, forKey: .kind)
    }
  }
}
