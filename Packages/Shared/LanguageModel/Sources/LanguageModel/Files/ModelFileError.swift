import FileKit

/// Why a model file cannot be used: which file, which field at which byte, what is wrong, and what to do about it.
public struct ModelFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of thing is wrong.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The file cannot be opened, read or written.
    case unreadable
    /// Nothing there, or nothing that looks like a model.
    case notFound
    /// The file does not begin like the format it should have.
    case wrongMagic
    /// A version, type or model family that this package does not support.
    case unsupported
    /// The file ends before something that it announces.
    case truncated
    /// A count or length that no sound file has.
    case limitExceeded
    /// A value outside of its range, of the wrong type, or not finite.
    case invalidValue
    /// Something that must be there is missing.
    case missing
    /// The same key or tensor twice.
    case duplicate
    /// Tensor data that is not where it may be: unaligned, overlapping, or beyond the end.
    case misplaced
    /// A tensor whose shape contradicts the metadata.
    case shapeMismatch
  }

  /// What kind of thing is wrong.
  public let kind: Kind
  /// The file concerned.
  public let path: String
  /// The field concerned: a metadata key, a tensor name, a part of the header. Empty when it is the file as a whole.
  public let field: String
  /// Where the field lies in the file, in bytes from its beginning, if it has a place.
  public let offset: Int?
  /// What is wrong, in lower case and without a full stop.
  public let problem: String
  /// What the user can do about it; empty when there is nothing specific to say.
  public let remedy: String

  /// Creates an error from its parts.
  public init(
    _ kind: Kind, path: String, field: String = "", offset: Int? = nil, problem: String, remedy: String = ""
  ) {
    self.kind = kind
    self.path = path
    self.field = field
    self.offset = offset
    self.problem = problem
    self.remedy = remedy
  }

  /// An error of the file system.
  init(_ error: FileError) {
    self.init(.unreadable, path: error.path, problem: error.problem, remedy: error.remedy)
  }

  /// One line: `path: field at byte n: problem; remedy`.
  public var description: String {
    var place = path
    if !field.isEmpty { place += ": \(field)" }
    if let offset { place += " at byte \(offset)" }
    let line = "\(place): \(problem)" + (remedy.isEmpty ? "" : "; \(remedy)")
    return String(line.map { $0.isNewline ? " " : $0 })
  }
}
