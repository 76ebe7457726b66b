/// A regular expression over bytes, as a tree.
///
/// ```swift
/// let cell: ByteExpression = .text("[") + .byte(ByteSet(48...52)).repeated(1...6, separator: .text(",")) + .text("]")
/// ```
public indirect enum ByteExpression: Sendable, Hashable {
  /// The empty text.
  case empty
  /// One byte out of a set.
  case byte(ByteSet)
  /// One after the other.
  case sequence([ByteExpression])
  /// One of several.
  case alternatives([ByteExpression])
  /// Repeated at least `minimum` and at most `maximum` times (no limit if `nil`).
  case repetition(ByteExpression, minimum: Int, maximum: Int?)

  /// Exactly this text, as UTF-8.
  public static func text(_ text: String) -> ByteExpression {
    .sequence(text.utf8.map { .byte(ByteSet(CollectionOfOne($0))) })
  }

  /// One after the other.
  public static func + (first: ByteExpression, second: ByteExpression) -> ByteExpression { .sequence([first, second]) }

  /// This or nothing.
  public var optional: ByteExpression { .repetition(self, minimum: 0, maximum: 1) }

  /// This, repeated with a separator between the repetitions.
  public func repeated(_ range: ClosedRange<Int>, separator: ByteExpression = .empty) -> ByteExpression {
    if range.upperBound == 0 { return .empty }
    let minimum = max(range.lowerBound, 1)
    let list =
      self + .repetition(separator + self, minimum: minimum - 1, maximum: range.upperBound - 1)
    return range.lowerBound == 0 ? list.optional : list
  }

  /// One Unicode scalar in UTF-8, except the ASCII characters of a set.
  public static func scalar(excluding excluded: ByteSet = ByteSet()) -> ByteExpression {
    let tail = ByteExpression.byte(ByteSet(0x80...0xbf))
    return .alternatives([
      .byte(ByteSet(0...0x7f).subtracting(excluded)),
      .byte(ByteSet(0xc2...0xdf)) + tail,
      .sequence([.byte(ByteSet(0xe0...0xe0)), .byte(ByteSet(0xa0...0xbf)), tail]),
      .sequence([.byte(ByteSet(0xe1...0xec).union(ByteSet(0xee...0xef))), tail, tail]),
      .sequence([.byte(ByteSet(0xed...0xed)), .byte(ByteSet(0x80...0x9f)), tail]),
      .sequence([.byte(ByteSet(0xf0...0xf0)), .byte(ByteSet(0x90...0xbf)), tail, tail]),
      .sequence([.byte(ByteSet(0xf1...0xf3)), tail, tail, tail]),
      .sequence([.byte(ByteSet(0xf4...0xf4)), .byte(ByteSet(0x80...0x8f)), tail, tail]),
    ])
  }
}
