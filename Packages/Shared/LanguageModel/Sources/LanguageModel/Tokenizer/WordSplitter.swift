/// Cuts text into words by a pattern of which the first match at a position is the word.
protocol WordSplitter {
  var scanner: TextScanner { get }
  /// The end of the word that starts at `position`; behind `position`.
  func endOfWord(at position: Int) -> Int
}

extension WordSplitter {
  /// Reports the words from `start` to the end of the text.
  func split(from start: Int, _ body: (Range<Int>) -> Void) {
    var position = start
    while position < scanner.end {
      let end = endOfWord(at: position)
      body(position..<end)
      position = end
    }
  }
}
