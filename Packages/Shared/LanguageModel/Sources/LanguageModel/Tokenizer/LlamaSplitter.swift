/// The pattern of Llama 3 and, with single digits, of Qwen2: `(?i:'s|'t|'re|'ve|'m|'ll|'d)`, or else
/// `[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`.
struct LlamaSplitter: WordSplitter {
  let scanner: TextScanner
  /// How many digits a word may have.
  let digits: Int

  func endOfWord(at position: Int) -> Int {
    let (first, length) = scanner.character(at: position)
    switch first {
    case .letter: return scanner.run(of: .letter, from: position)
    case .number: return endOfNumber(at: position)
    case .newline: return endOfWhitespace(at: position)
    case .space, .other: break
    }
    if first == .other, let end = contraction(at: position) { return end }
    let next = position + length
    if next < scanner.end, scanner.character(at: next).class == .letter { return scanner.run(of: .letter, from: next) }
    if first == .other { return endOfPunctuation(at: position) }
    if scanner.bytes[position] == 0x20, next < scanner.end, scanner.character(at: next).class == .other {
      return endOfPunctuation(at: next)
    }
    return endOfWhitespace(at: position)
  }

  private func endOfNumber(at start: Int) -> Int {
    var position = start
    for _ in 0..<digits where position < scanner.end {
      let (found, length) = scanner.character(at: position)
      if found != .number { break }
      position += length
    }
    return position
  }

  private func endOfPunctuation(at start: Int) -> Int {
    scanner.run(of: .newline, from: scanner.run(of: .other, from: start))
  }

  /// White space up to its last line break; without one, the run without its last character if a word follows.
  private func endOfWhitespace(at start: Int) -> Int {
    var position = start
    var last = start
    var behindNewline = start
    while position < scanner.end {
      let (found, length) = scanner.character(at: position)
      guard found == .space || found == .newline else { break }
      last = position
      position += length
      if found == .newline { behindNewline = position }
    }
    if behindNewline > start { return behindNewline }
    return position < scanner.end && last > start ? last : position
  }

  /// The end of `'s`, `'t`, `'m`, `'d`, `'re`, `'ve`, `'ll` in any case; ſ (U+017F) is an s in lower case.
  private func contraction(at position: Int) -> Int? {
    guard scanner.bytes[position] == 0x27, position + 1 < scanner.end else { return nil }
    let bytes = scanner.bytes
    let second = position + 2 < scanner.end ? bytes[position + 2] : 0
    if bytes[position + 1] == 0xc5 && second == 0xbf { return position + 3 }
    switch (bytes[position + 1] | 0x20, second | 0x20) {
    case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
      return position + 2
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return position + 3
    default: return nil
    }
  }
}
