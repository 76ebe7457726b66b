/// What can go wrong between a data set's name and its files.
public enum DataCatalogError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The catalogue lists no such name.
  case unknownName(name: String, known: [String])
  /// The files are nowhere to be found.
  case absent(name: String, searched: [String], whenAbsent: String)
  /// Files are there but are not what the catalogue lists.
  case damaged(name: String, path: String, reason: String)
  /// The data are not files: they are embedded in a package or generated.
  case notFiles(name: String, whenAbsent: String)
  /// The data cannot be fetched automatically.
  case notFetchable(name: String, whenAbsent: String)
  /// A tool that fetching needs is missing.
  case toolMissing(name: String, tool: String, remedy: String)
  /// A fetch command failed.
  case fetchFailed(name: String, command: String, reason: String)
  /// The catalogue itself cannot be read.
  case unreadableCatalog(path: String, reason: String)

  /// Whether the user's input is at fault rather than the state of the machine.
  var isUsageError: Bool {
    switch self {
    case .unknownName, .notFiles, .unreadableCatalog: true
    default: false
    }
  }

  /// One line: what was wrong, where, and how to mend it.
  public var description: String {
    switch self {
    case .unknownName(let name, let known):
      return
        "neither a file nor a name in the catalogue: \"\(name)\"; the names are \(known.joined(separator: ", "))"
    case .absent(let name, let searched, let whenAbsent):
      let places = searched.isEmpty ? "no data folder exists" : "not in \(searched.joined(separator: ", "))"
      return "\(name) is not on this machine (\(places)); \(whenAbsent)"
    case .damaged(let name, let path, let reason):
      return "\(name) is damaged: \(path): \(reason); delete it and run `hardwise data fetch \(name)`"
    case .notFiles(let name, let whenAbsent):
      return "\(name) has no files to resolve or fetch; \(whenAbsent)"
    case .notFetchable(let name, let whenAbsent):
      return "\(name) cannot be fetched automatically; \(whenAbsent)"
    case .toolMissing(let name, let tool, let remedy):
      return "fetching \(name) needs \(tool), which is not installed; \(remedy)"
    case .fetchFailed(let name, let command, let reason):
      return "fetching \(name) failed: \(command): \(reason); run `hardwise data fetch \(name)` again to continue"
    case .unreadableCatalog(let path, let reason):
      return "data catalogue \(path) is unreadable: \(reason); restore it from the repository"
    }
  }
}
