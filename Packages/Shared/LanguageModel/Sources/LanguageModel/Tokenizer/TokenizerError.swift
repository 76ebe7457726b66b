/// Why a tokenizer cannot be built from what a model file says.
public enum TokenizerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file has no tokenizer, or a part of it is missing.
  case missing(field: String, path: String)
  /// A part of the tokenizer is not what it should be.
  case invalid(field: String, path: String, problem: String)
  /// A kind of tokenizer that this package does not have.
  case unsupported(field: String, path: String, found: String, supported: String)

  /// One line: what was wrong, where, how to mend.
  public var description: String {
    switch self {
    case .missing(let field, let path): "\(path): \(field): missing; use a model file that contains its tokenizer"
    case .invalid(let field, let path, let problem): "\(path): \(field): \(problem); the file is damaged or incomplete"
    case .unsupported(let field, let path, let found, let supported):
      "\(path): \(field): \(found) is not supported; supported: \(supported)"
    }
  }
}
