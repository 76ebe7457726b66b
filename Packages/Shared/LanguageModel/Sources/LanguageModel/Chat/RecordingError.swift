/// Why a recording cannot be used.
public enum RecordingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The recording has no answer to this request.
  case notRecorded(path: String, difference: String)
  /// A line is not what it should be.
  case damaged(path: String, line: Int, problem: String)
  /// The file cannot be read or written.
  case inaccessible(path: String, problem: String)

  /// One line: what was wrong, where, how to mend.
  public var description: String {
    switch self {
    case .notRecorded(let path, let difference):
      "\(path): this request was not recorded: \(difference); record it, or ask exactly what was recorded"
    case .damaged(let path, let line, let problem): "\(path):\(line): \(problem); delete the line or record again"
    case .inaccessible(let path, let problem): "\(path): \(problem); give a file that can be read and written"
    }
  }
}
