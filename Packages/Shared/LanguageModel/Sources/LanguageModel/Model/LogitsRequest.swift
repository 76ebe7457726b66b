/// For which tokens of a call the output head is evaluated.
public enum LogitsRequest: Sendable, Hashable {
  /// None: the call only fills the cache.
  case none
  /// The last token.
  case last
  /// All tokens.
  case all
  /// The given tokens, counted from the first token of the call.
  case rows([Int])

  /// The rows out of `count`.
  func indices(count: Int) -> [Int] {
    switch self {
    case .none: []
    case .last: count > 0 ? [count - 1] : []
    case .all: Array(0..<count)
    case .rows(let rows): rows
    }
  }
}
