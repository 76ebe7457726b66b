import FileKit

/// What can go wrong when tables are read, cells are parsed, devices are described or a search is resumed.
///
/// ``description`` is one line: what was wrong, where, and how to mend it.
public enum PELNASError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A line of a table is not what it should be.
  case badTable(file: String, line: Int, column: String, problem: String)
  /// A file lacks or has lost something as a whole.
  case badFile(path: String, problem: String)
  /// A text does not describe a cell.
  case badCell(String, problem: String)
  /// A device, data set, column, proposer or partition that nobody knows.
  case unknownName(kind: String, name: String, known: [String])
  /// A setting lies outside its range.
  case invalidSetting(String, value: String, expected: String)
  /// No cell of the space has both an accuracy and a cost.
  case noUsableCells(String)
  /// The state of an interrupted search belongs to another search.
  case foreignState(path: String, difference: String)
  /// A proxy cannot be computed.
  case proxy(String, problem: String)
  /// A proposer cannot work at all.
  case proposer(String)
  /// A file could not be read or written.
  case file(FileError)

  public var description: String {
    switch self {
    case .badTable(let file, let line, let column, let problem):
      "\(file):\(line)\(column.isEmpty ? "" : ", column \(column)"): \(problem); restore the table (`hardwise data verify pelnas`)"
    case .badFile(let path, let problem): "\(path): \(problem)"
    case .badCell(let text, let problem):
      "'\(text)' is no cell: \(problem); write six digits 0…4 (421211) or |op~0|+|op~0|op~1|+|op~0|op~1|op~2|"
    case .unknownName(let kind, let name, let known):
      "there is no \(kind) '\(name)'; known are \(known.joined(separator: ", "))"
    case .invalidSetting(let name, let value, let expected): "\(name) is \(value), expected \(expected)"
    case .noUsableCells(let task):
      "no cell has both an accuracy and a cost on \(task); choose another device or data set"
    case .foreignState(let path, let difference):
      "\(path) is the state of another search (\(difference)); give the same settings or another folder"
    case .proxy(let name, let problem): "proxy \(name): \(problem)"
    case .proposer(let problem): problem
    case .file(let error): error.description
    }
  }
}

/// Throws unless a setting lies in its range.
func require(
  _ condition: Bool, _ name: String, _ value: some CustomStringConvertible, _ expected: String
) throws(PELNASError) {
  guard condition else { throw .invalidSetting(name, value: "\(value)", expected: expected) }
}
