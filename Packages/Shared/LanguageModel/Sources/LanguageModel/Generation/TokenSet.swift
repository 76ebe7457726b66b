/// A set of token ids as a bit mask over the vocabulary.
public struct TokenSet: Sendable, Hashable {
  /// The number of tokens in the vocabulary.
  public let vocabulary: Int
  private var words: [UInt64]

  /// The empty set over a vocabulary.
  public init(vocabulary: Int) {
    self.vocabulary = vocabulary
    words = [UInt64](repeating: 0, count: (vocabulary + 63) / 64)
  }

  /// A set of the given tokens; tokens outside of the vocabulary are ignored.
  public init(_ tokens: some Sequence<Int32>, vocabulary: Int) {
    self.init(vocabulary: vocabulary)
    for token in tokens { insert(token) }
  }

  /// Whether the token is in the set.
  public func contains(_ token: Int32) -> Bool {
    token >= 0 && Int(token) < vocabulary && words[Int(token) / 64] >> UInt64(token % 64) & 1 == 1
  }

  /// Adds a token.
  public mutating func insert(_ token: Int32) {
    if token >= 0 && Int(token) < vocabulary { words[Int(token) / 64] |= 1 << UInt64(token % 64) }
  }

  /// Removes a token.
  public mutating func remove(_ token: Int32) {
    if contains(token) { words[Int(token) / 64] &= ~(1 << UInt64(token % 64)) }
  }

  /// The number of tokens in the set.
  public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
  /// Whether no token is in the set.
  public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// The tokens in ascending order.
  public var tokens: [Int32] {
    var result: [Int32] = []
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        result.append(Int32(index * 64 + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
    return result
  }

  /// The only token of the set, if there is exactly one.
  public var only: Int32? { count == 1 ? tokens.first : nil }
}
