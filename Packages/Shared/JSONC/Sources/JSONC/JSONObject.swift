/// The members of a JSON object: unique keys in the order in which they were inserted.
///
/// Two objects are equal when they have the same members, in whatever order (the order carries no meaning in JSON).
public struct JSONObject: Sendable, Hashable {
  /// The keys in order.
  public private(set) var keys: [String] = []
  /// The values in the order of ``keys``.
  public private(set) var values: [JSONValue] = []

  /// Key → position; kept only for large objects, because scanning a few keys is faster than hashing them.
  private var positions: [String: Int] = [:]
  private static let scanLimit = 8

  /// An object without members.
  public init() {}

  /// An object with the given members in the given order. The keys must differ from each other.
  public init(uniqueKeysWithValues members: some Sequence<(String, JSONValue)>) {
    for (key, value) in members {
      precondition(position(of: key) == nil, "the key \"\(key)\" appears twice")
      append(key, value)
    }
  }

  /// How many members there are.
  public var count: Int { keys.count }
  /// Whether there are no members.
  public var isEmpty: Bool { keys.isEmpty }

  /// The value of the member `key`. Setting a new key appends it; setting `nil` removes the member.
  public subscript(key: String) -> JSONValue? {
    get { position(of: key).map { values[$0] } }
    set {
      switch (position(of: key), newValue) {
      case (let index?, let value?): values[index] = value
      case (nil, let value?): append(key, value)
      case (let index?, nil): remove(at: index)
      case (nil, nil): break
      }
    }
  }

  /// Adds a member whose key is known to be new.
  mutating func append(_ key: String, _ value: JSONValue) {
    keys.append(key)
    values.append(value)
    if keys.count > Self.scanLimit {
      if positions.isEmpty {
        for (index, key) in keys.enumerated() { positions[key] = index }
      } else {
        positions[key] = keys.count - 1
      }
    }
  }

  private mutating func remove(at index: Int) {
    keys.remove(at: index)
    values.remove(at: index)
    positions.removeAll()
    if keys.count > Self.scanLimit {
      for (index, key) in keys.enumerated() { positions[key] = index }
    }
  }

  private func position(of key: String) -> Int? {
    keys.count > Self.scanLimit ? positions[key] : keys.firstIndex(of: key)
  }

  /// Equal members, in whatever order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    guard left.count == right.count else { return false }
    if left.keys == right.keys { return left.values == right.values }
    return left.allSatisfy { right[$0.key] == $0.value }
  }

  /// Feeds the members into `hasher` so that their order does not matter.
  public func hash(into hasher: inout Hasher) {
    var sum = 0
    for (key, value) in self {
      var member = Hasher()
      member.combine(key)
      member.combine(value)
      sum &+= member.finalize()
    }
    hasher.combine(sum)
    hasher.combine(count)
  }
}

extension JSONObject: RandomAccessCollection {
  /// The first position.
  public var startIndex: Int { 0 }
  /// The position behind the last member.
  public var endIndex: Int { keys.count }
  /// The member at a position.
  public subscript(position: Int) -> (key: String, value: JSONValue) { (keys[position], values[position]) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// An object with the given members in the given order. The keys must differ from each other.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(uniqueKeysWithValues: elements)
  }
}
