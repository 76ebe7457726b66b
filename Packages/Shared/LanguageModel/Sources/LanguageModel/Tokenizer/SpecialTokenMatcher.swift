/// Finds tokens that are matched as a whole before a text is split: control tokens and user-defined ones.
struct SpecialTokenMatcher: Sendable {
  private struct Candidate: Sendable {
    let bytes: [UInt8]
    let token: Int32
    let isControl: Bool
  }

  /// The candidates by their first byte, the longest first.
  private var candidates: [[Candidate]] = Array(repeating: [], count: 256)
  /// Whether a byte begins any of them.
  private var isFirst = [Bool](repeating: false, count: 256)

  init(_ vocabulary: Vocabulary) {
    for (id, kind) in vocabulary.kinds.enumerated() where kind == .control || kind == .userDefined {
      let content = Array(vocabulary.content(of: Int32(id)))
      guard let first = content.first else { continue }
      isFirst[Int(first)] = true
      candidates[Int(first)].append(Candidate(bytes: content, token: Int32(id), isControl: kind == .control))
    }
    for byte in 0..<256 { candidates[byte].sort { $0.bytes.count > $1.bytes.count } }
  }

  /// The leftmost occurrence of a token in `range`, the longest one of several at the same place.
  ///
  /// - Parameter allowsControl: Whether a control token may begin at the given place.
  func next(
    in text: [UInt8], _ range: Range<Int>, allowsControl: (Int) -> Bool
  ) -> (place: Range<Int>, token: Int32)? {
    for position in range where isFirst[Int(text[position])] {
      for candidate in candidates[Int(text[position])] {
        let place = position..<position + candidate.bytes.count
        if place.upperBound <= range.upperBound,
          ByteString.equal(candidate.bytes, candidate.bytes.indices, text, place),
          !candidate.isControl || allowsControl(position)
        {
          return (place, candidate.token)
        }
      }
    }
    return nil
  }
}
