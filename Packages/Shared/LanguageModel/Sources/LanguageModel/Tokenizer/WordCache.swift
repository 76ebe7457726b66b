/// Remembers which words of a text have been encoded, and where among the tokens their encoding is.
///
/// A word is known by its first occurrence in the same text, so nothing is copied. Each slot holds the latest word that
/// hashes to it; the size follows the length of the text.
struct WordCache {
  private struct Entry {
    var word: Range<Int>
    var tokens: Range<Int>
  }

  private var entries: [Entry]
  private let mask: Int

  init(textLength: Int) {
    var size = 16
    while size < 1 << 15 && size * 16 < textLength { size *= 2 }
    entries = [Entry](repeating: Entry(word: 0..<0, tokens: 0..<0), count: size)
    mask = size - 1
  }

  /// The slot for a word.
  @inline(__always)
  func slot(_ bytes: [UInt8], _ word: Range<Int>) -> Int { ByteString.hash(bytes, word) & mask }

  /// Where the tokens of an equal earlier word are.
  @inline(__always)
  func tokens(_ slot: Int, _ bytes: [UInt8], _ word: Range<Int>) -> Range<Int>? {
    let entry = entries[slot]
    return ByteString.equal(bytes, entry.word, bytes, word) ? entry.tokens : nil
  }

  /// Remembers a word.
  @inline(__always)
  mutating func remember(_ slot: Int, word: Range<Int>, tokens: Range<Int>) {
    entries[slot] = Entry(word: word, tokens: tokens)
  }
}
