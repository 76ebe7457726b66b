/// The pattern of GPT-2, `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, optionally
/// applied between digits that stand by themselves.
struct GPT2Splitter: WordSplitter {
  let scanner: TextScanner
  /// Whether each character of `\p{N}` is a word, and the text between two of them a text of its own.
  let separatesDigits: Bool

  func endOfWord(at position: Int) -> Int {
    let (first, length) = scanner.character(at: position)
    switch first {
    case .letter: return scanner.run(of: .letter, from: position)
    case .number: return separatesDigits ? position + length : scanner.run(of: .number, from: position)
    case .other: return contraction(at: position) ?? scanner.run(of: .other, from: position)
    case .newline, .space:
      let next = position + 1
      if scanner.bytes[position] == 0x20, next < scanner.end {
        let follower = scanner.character(at: next).class
        switch follower {
        case .letter, .other: return scanner.run(of: follower, from: next)
        case .number where !separatesDigits: return scanner.run(of: .number, from: next)
        case .number: return next
        case .newline, .space: break
        }
      }
      return endOfWhitespace(at: position)
    }
  }

  /// A run of white space, without its last character if a word follows, for that belongs to the word or stands alone.
  private func endOfWhitespace(at start: Int) -> Int {
    var position = start
    var last = start
    while position < scanner.end {
      let (found, length) = scanner.character(at: position)
      if found == .number && separatesDigits { return position }
      if found != .space && found != .newline { return last > start ? last : position }
      last = position
      position += length
    }
    return position
  }

  /// The end of `'s`, `'t`, `'m`, `'d`, `'re`, `'ve`, `'ll`.
  private func contraction(at position: Int) -> Int? {
    guard scanner.bytes[position] == 0x27, position + 1 < scanner.end else { return nil }
    let first = scanner.bytes[position + 1]
    let second = position + 2 < scanner.end ? scanner.bytes[position + 2] : 0
    switch (first, second) {
    case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
      return position + 2
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return position + 3
    default: return nil
    }
  }
}
