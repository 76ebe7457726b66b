import Foundation

/// Restricts generation to texts that match a regular expression over bytes.
///
/// ```swift
/// let constraint = try ByteConstraint(pattern: #"\d{4}-\d{2}-\d{2}"#, tokenizer: tokenizer)
/// ```
public struct ByteConstraint: TokenConstraint {
  /// The compiled expression.
  public let automaton: ByteAutomaton
  private let grammar: Grammar
  private var state: Int32

  /// What copies of a constraint share: token masks are computed once per state.
  private final class Grammar: @unchecked Sendable {
    let trie: TokenTrie
    let tokenizer: Tokenizer
    private let lock = NSLock()
    private var masks: [Int32: TokenSet] = [:]

    init(_ tokenizer: Tokenizer, _ trie: TokenTrie) {
      self.tokenizer = tokenizer
      self.trie = trie
    }

    func mask(_ automaton: ByteAutomaton, _ state: Int32) -> TokenSet {
      lock.lock()
      defer { lock.unlock() }
      if let known = masks[state] { return known }
      let mask = trie.tokens(for: automaton, from: state)
      masks[state] = mask
      return mask
    }
  }

  /// A constraint for a compiled expression.
  ///
  /// - Parameters:
  ///   - automaton: what the text must match.
  ///   - tokenizer: the model's tokenizer.
  ///   - trie: its tokens as a tree, if it was built before.
  public init(_ automaton: ByteAutomaton, tokenizer: Tokenizer, trie: TokenTrie? = nil) {
    self.automaton = automaton
    grammar = Grammar(tokenizer, trie ?? TokenTrie(tokenizer))
    state = automaton.start
  }

  /// A constraint for a regular expression that the whole text must match.
  ///
  /// - Throws: ``LanguageModelError`` for a syntax error.
  public init(pattern: String, tokenizer: Tokenizer, trie: TokenTrie? = nil) throws(LanguageModelError) {
    self.init(try ByteAutomaton(pattern: pattern), tokenizer: tokenizer, trie: trie)
  }

  /// The tokens that the expression can take next.
  public mutating func allowedTokens() -> TokenSet? { grammar.mask(automaton, state) }

  /// The tokens of the text that must follow, as the tokenizer writes it.
  public mutating func forcedTokens() -> [Int32] {
    let forced = automaton.forcedBytes(from: state)
    guard !forced.bytes.isEmpty else { return [] }
    let tokens = grammar.tokenizer.encode(bytes: forced.bytes, special: .asText)
    // Bytes that the vocabulary cannot write are left to the mask, which then finds no token and reports it.
    return tokens.flatMap { grammar.tokenizer.bytes(of: $0) } == forced.bytes ? tokens : []
  }

  /// Reads the token's bytes.
  public mutating func advance(_ token: Int32) throws(LanguageModelError) {
    var reached = state
    let bytes = grammar.tokenizer.bytes(of: token)
    for byte in bytes {
      reached = automaton.next(reached, byte)
      if reached < 0 { break }
    }
    guard reached >= 0, !bytes.isEmpty else {
      throw LanguageModelError(.deadEnd, "token \(token) does not fit the expression")
    }
    state = reached
  }

  /// Whether the text so far matches.
  public var isComplete: Bool { automaton.accepts(state) }
}
