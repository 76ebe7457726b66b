/// The byte strings of all ordinary tokens as a tree, to find quickly which of them an automaton can take.
public final class TokenTrie: Sendable {
  /// Nodes in depth-first order: the children of a node follow it, `skip` is the first node behind its subtree.
  private let bytes: [UInt8]
  private let depths: [Int32]
  private let skips: [Int32]
  /// Tokens that end at node `i`: `tokens[firstToken[i]..<firstToken[i + 1]]`.
  private let tokens: [Int32]
  private let firstToken: [Int32]
  /// The number of tokens in the vocabulary, including those without bytes.
  public let vocabulary: Int

  /// The tree of a tokenizer's ordinary tokens; special tokens and tokens without bytes are left out.
  ///
  /// - Parameter vocabulary: the number of the model's logits, which may exceed the tokenizer's vocabulary.
  public convenience init(_ tokenizer: Tokenizer, vocabulary: Int? = nil) {
    self.init(
      (0..<Int32(tokenizer.vocabularyCount)).filter { !tokenizer.isSpecial($0) }
        .map { (tokenizer.bytes(of: $0), $0) }, vocabulary: vocabulary ?? tokenizer.vocabularyCount)
  }

  /// The tree of the given byte strings.
  public init(_ entries: [(bytes: [UInt8], token: Int32)], vocabulary: Int) {
    self.vocabulary = vocabulary
    let sorted = entries.filter { !$0.bytes.isEmpty }.sorted {
      $0.bytes.lexicographicallyPrecedes($1.bytes) || ($0.bytes == $1.bytes && $0.token < $1.token)
    }
    var bytes: [UInt8] = []
    var depths: [Int32] = []
    var tokens: [Int32] = []
    var firstToken: [Int32] = []
    var previous: [UInt8] = []
    for entry in sorted {
      var common = 0
      while common < min(previous.count, entry.bytes.count), previous[common] == entry.bytes[common] { common += 1 }
      for depth in common..<entry.bytes.count {
        bytes.append(entry.bytes[depth])
        depths.append(Int32(depth))
        firstToken.append(Int32(tokens.count))
      }
      tokens.append(entry.token)
      previous = entry.bytes
    }
    firstToken.append(Int32(tokens.count))
    // A node's subtree ends where the depth returns to its own or less.
    var skips = [Int32](repeating: Int32(bytes.count), count: bytes.count)
    var open: [Int] = []
    for node in bytes.indices {
      while let last = open.last, depths[last] >= depths[node] {
        skips[last] = Int32(node)
        open.removeLast()
      }
      open.append(node)
    }
    self.bytes = bytes
    self.depths = depths
    self.skips = skips
    self.tokens = tokens
    self.firstToken = firstToken
  }

  /// The tokens whose bytes an automaton can read from a state on.
  public func tokens(for automaton: ByteAutomaton, from state: Int32) -> TokenSet {
    var result = TokenSet(vocabulary: vocabulary)
    guard state >= 0 else { return result }
    var path: [Int32] = [state]
    var node = 0
    while node < bytes.count {
      let depth = Int(depths[node])
      let reached = automaton.next(path[depth], bytes[node])
      if reached < 0 {
        node = Int(skips[node])
        continue
      }
      if path.count > depth + 1 { path[depth + 1] = reached } else { path.append(reached) }
      for index in firstToken[node]..<firstToken[node + 1] { result.insert(tokens[Int(index)]) }
      node += 1
    }
    return result
  }
}
