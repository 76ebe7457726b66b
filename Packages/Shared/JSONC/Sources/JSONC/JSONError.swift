import Foundation

/// A JSON text that cannot be read, or a value that cannot be read from or written as JSON.
public struct JSONError: Error, CustomStringConvertible, Sendable, Equatable {
  /// Where in the document the problem lies.
  public enum Location: Sendable, Equatable {
    /// A position in the text, both counted from 1; the column counts bytes.
    case text(line: Int, column: Int)
    /// A place in the structure, such as `splits.train.shards[3].count`; empty for the document itself.
    case path(String)
  }

  /// What is wrong, in lower case and without a full stop.
  public let reason: String
  /// Where it is wrong.
  public let location: Location
  /// The file, when the document came from one.
  public var file: String?

  /// Creates an error.
  public init(_ reason: String, at location: Location, file: String? = nil) {
    self.reason = reason
    self.location = location
    self.file = file
  }

  /// The line in the text, counted from 1; `nil` when the problem is a matter of structure.
  public var line: Int? {
    if case .text(let line, _) = location { line } else { nil }
  }

  /// The byte in the line, counted from 1; `nil` when the problem is a matter of structure.
  public var column: Int? {
    if case .text(_, let column) = location { column } else { nil }
  }

  /// The place in the structure; `nil` when the problem is a matter of syntax.
  public var codingPath: String? {
    if case .path(let path) = location { path } else { nil }
  }

  /// One line: the file if known, where, and what.
  public var description: String {
    let text =
      switch (file, location) {
      case (nil, .text(let line, let column)): "line \(line), column \(column): \(reason)"
      case (let file?, .text(let line, let column)): "\(file):\(line):\(column): \(reason)"
      case (let file, .path(let path)):
        [file, path, reason].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
      }
    return text.replacingOccurrences(of: "\n", with: "\\n")
  }
}
