/// What can be wrong with a run's folder, checkpoints or options.
public enum RunError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A checkpoint cannot be read back.
  case corruptedCheckpoint(path: String, step: String, reason: String)
  /// A checkpoint cannot be written because its value does not encode.
  case unencodableStep(step: String, reason: String)
  /// Two different kinds of result were stored under one step name.
  case invalidName(name: String, what: String)
  /// An option has a value of the wrong kind.
  case badOption(name: String, value: String, expected: String)
  /// A stored run description or report cannot be read.
  case unreadable(path: String, reason: String)
  /// A folder or link cannot be made.
  case cannotCreate(path: String, reason: String)

  /// One line: what was wrong, where, and how to mend it.
  public var description: String {
    switch self {
    case .corruptedCheckpoint(let path, let step, let reason):
      "checkpoint of step \"\(step)\" is unreadable: \(path): \(reason); delete the file and run again with --resume"
    case .unencodableStep(let step, let reason):
      "the result of step \"\(step)\" cannot be saved as JSON: \(reason); replace NaN and infinity by optionals"
    case .invalidName(let name, let what):
      "\(what) \"\(name)\" is not usable as a file name; use letters, digits, '.', '-', '_' and inner '/'"
    case .badOption(let name, let value, let expected):
      "option \(name) has the value \"\(value)\", expected \(expected)"
    case .unreadable(let path, let reason):
      "\(path) is unreadable: \(reason); delete it or start a new run without --resume"
    case .cannotCreate(let path, let reason):
      "cannot create \(path): \(reason); choose another folder with --out"
    }
  }
}
