/// Why the runtime refused a request.
public struct LanguageModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of a failure, for programs; people read ``LanguageModelError/description``.
  public enum Kind: String, Sendable, Hashable {
    /// A KV cache of another model, precision or key storage.
    case foreignCache
    /// More tokens than the context holds.
    case contextOverflow
    /// A token id outside of the vocabulary.
    case invalidToken
    /// A shape, range or option that makes no sense.
    case invalidArgument
    /// The model's architecture needs something that this runtime does not do.
    case unsupported
    /// A damaged cache file.
    case damagedFile
    /// The surrounding task was cancelled.
    case cancelled
    /// A constraint that no token can satisfy.
    case deadEnd
  }

  /// The kind of failure.
  public let kind: Kind
  /// What was wrong and where.
  public let problem: String
  /// What to do about it; may be empty.
  public let remedy: String

  /// Creates an error.
  public init(_ kind: Kind, _ problem: String, remedy: String = "") {
    self.kind = kind
    self.problem = problem
    self.remedy = remedy
  }

  /// One line: the problem and the remedy.
  public var description: String { remedy.isEmpty ? problem : "\(problem); \(remedy)" }
}
