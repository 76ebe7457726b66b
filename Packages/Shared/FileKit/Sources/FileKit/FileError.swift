import Foundation

/// A file operation that did not succeed: which file, what went wrong, and what to do about it.
public struct FileError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The file or folder concerned, as the caller named it.
  public let path: String
  /// What went wrong, in lower case and without a full stop.
  public let problem: String
  /// What the user can do about it; empty when there is nothing specific to say.
  public let remedy: String

  /// Creates an error from its three parts.
  public init(path: String, problem: String, remedy: String = "") {
    self.path = path
    self.problem = problem
    self.remedy = remedy
  }

  /// Creates an error from the system's error number of the call that just failed.
  ///
  /// - Parameters:
  ///   - path: The file or folder concerned.
  ///   - action: What was tried, for example `"cannot open"`.
  ///   - code: The system's error number; by default the calling thread's current `errno`.
  public init(path: String, action: String, errno code: Int32 = errno) {
    self.init(path: path, problem: "\(action): \(String(cString: strerror(code)))", remedy: Self.remedy(for: code))
  }

  /// One line: `path: problem; remedy`.
  public var description: String {
    let line = remedy.isEmpty ? "\(path): \(problem)" : "\(path): \(problem); \(remedy)"
    return line.replacingOccurrences(of: "\n", with: " ")
  }

  private static func remedy(for code: Int32) -> String {
    switch code {
    case ENOENT: "check the path"
    case EACCES, EPERM: "check the permissions of the file and of the folders above it"
    case EROFS: "choose a folder on a writable file system"
    case ENOSPC, EDQUOT: "free some disk space"
    case EISDIR: "name a file, not a folder"
    case ENOTDIR: "a part of the path is a file, not a folder"
    case EMFILE, ENFILE: "too many files are open; raise the limit with ulimit -n"
    case ELOOP: "the path goes round in symbolic links"
    default: ""
    }
  }
}
