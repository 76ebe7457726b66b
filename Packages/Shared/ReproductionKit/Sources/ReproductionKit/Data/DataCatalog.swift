import Foundation
import JSONC

/// The one catalogue of data sets and models: names them, finds them, verifies them and, when asked to, fetches them.
///
/// ```swift
/// let catalog = try DataCatalog()
/// let cifar = try catalog.resolve("cifar10")       // a mirror or the cache; never the network
/// print(cifar.url.path, cifar.origin, cifar.root)
/// ```
///
/// Names are resolved in `$HARDWISE_DATA`, then in `../shared/data` beside the checkout, then in `~/.cache/hardwise`, then where
/// system packages put their files. Only ``fetch(_:announce:progress:)`` downloads. Falling back to synthetic data is the
/// caller's decision.
public struct DataCatalog: Sendable {
  /// All entries, in the catalogue's order.
  public let entries: [DataEntry]
  /// Folders searched, in order of preference.
  public let roots: [DataRoot]
  /// Told about every entry that was resolved; set by ``RunContext`` so that reports list what was used.
  var onResolve: (@Sendable (ResolvedData) -> Void)?

  private struct File: Codable {
    var schemaVersion: Int
    var entries: [DataEntry]
  }

  /// Opens the catalogue.
  ///
  /// - Parameters:
  ///   - catalogURL: a catalogue file; by default the copy embedded in this package, which is the workspace's.
  ///   - workspace: the checkout beside which the mirror lies; by default found by walking up from the current directory.
  ///   - environment: the process environment, for `HARDWISE_DATA` and `HOME`.
  /// - Throws: ``DataCatalogError/unreadableCatalog(path:reason:)``.
  public init(
    catalogURL: URL? = nil, workspace: URL? = Workspace.current,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(DataCatalogError) {
    try self.init(catalogURL: catalogURL, roots: DataRoot.standard(environment: environment, workspace: workspace))
  }

  /// Opens the catalogue with explicit search folders.
  ///
  /// - Throws: ``DataCatalogError/unreadableCatalog(path:reason:)``.
  public init(catalogURL: URL? = nil, roots: [DataRoot]) throws(DataCatalogError) {
    let path = catalogURL?.path ?? "embedded in ReproductionKit"
    do {
      let data = try catalogURL.map { try Data(contentsOf: $0) } ?? Data(PackageResources.catalog_json)
      let file = try JSON.decode(File.self, from: data)
      guard file.schemaVersion == 1 else {
        throw DataCatalogError.unreadableCatalog(
          path: path, reason: "schemaVersion is \(file.schemaVersion), this program reads 1")
      }
      let names = file.entries.map(\.name)
      if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
        throw DataCatalogError.unreadableCatalog(path: path, reason: "the name \"\(twice)\" is listed twice")
      }
      entries = file.entries
    } catch let error as DataCatalogError {
      throw error
    } catch {
      throw .unreadableCatalog(path: path, reason: oneLine(error))
    }
    self.roots = roots
  }

  /// The entry with a name.
  ///
  /// - Throws: ``DataCatalogError/unknownName(name:known:)``.
  public func entry(_ name: String) throws(DataCatalogError) -> DataEntry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw .unknownName(name: name, known: entries.map(\.name))
    }
    return entry
  }

  /// Finds the files of an entry. Sizes are checked, hashes are not: see ``verify(_:)``.
  ///
  /// - Throws: ``DataCatalogError``: unknown name, absent, damaged (a file has the wrong size), or not files at all.
  public func resolve(_ name: String) throws(DataCatalogError) -> ResolvedData {
    let entry = try entry(name)
    guard !entry.locations.isEmpty else { throw .notFiles(name: name, whenAbsent: entry.whenAbsent) }
    guard let resolved = locate(entry) else {
      let folders = roots.map { "\($0.url.path) (\($0.kind.rawValue))" }
      let system = entry.locations.filter(\.isSystemPath).map(\.path)
      throw .absent(name: name, searched: folders + system, whenAbsent: entry.whenAbsent)
    }
    try checkSizes(resolved)
    onResolve?(resolved)
    return resolved
  }

  /// Finds an entry by name, or takes an existing file or folder by path.
  ///
  /// - Parameters:
  ///   - nameOrPath: a catalogue name, which wins, or a path.
  ///   - kind: the kind of data expected at a path.
  /// - Throws: ``DataCatalogError``.
  public func resolve(nameOrPath: String, kind: DataEntry.Kind) throws(DataCatalogError) -> ResolvedData {
    if entries.contains(where: { $0.name == nameOrPath }) { return try resolve(nameOrPath) }
    guard FileManager.default.fileExists(atPath: nameOrPath) else {
      throw .unknownName(name: nameOrPath, known: entries.filter { $0.kind == kind }.map(\.name))
    }
    let url = URL(fileURLWithPath: nameOrPath)
    let location = DataLocation(path: url.path, format: "unknown")
    let entry = DataEntry(userPath: url, kind: kind, location: location)
    let resolved = ResolvedData(entry: entry, url: url, root: .path, location: location)
    onResolve?(resolved)
    return resolved
  }

  /// Whether an entry's files are on this machine; true for embedded and generated data.
  public func isAvailable(_ name: String) -> Bool {
    guard let entry = entries.first(where: { $0.name == name }) else { return false }
    return entry.provision != .files || locate(entry) != nil
  }

  /// Where an entry's files are, without checking them; `nil` when absent.
  public func locate(_ entry: DataEntry) -> ResolvedData? {
    for root in roots {
      for location in entry.locations where !location.isSystemPath {
        let url = root.url.appendingPathComponent(location.path)
        if exists(location, at: url) {
          return ResolvedData(entry: entry, url: url, root: root.kind, location: location)
        }
      }
    }
    for location in entry.locations where location.isSystemPath {
      let url = URL(fileURLWithPath: location.path)
      if exists(location, at: url) { return ResolvedData(entry: entry, url: url, root: .system, location: location) }
    }
    return nil
  }

  private func exists(_ location: DataLocation, at url: URL) -> Bool {
    let file = location.marker.map { url.appendingPathComponent($0) } ?? url
    return FileManager.default.fileExists(atPath: file.path)
  }

  private func checkSizes(_ resolved: ResolvedData) throws(DataCatalogError) {
    for file in resolved.location.files {
      let url = file.path.isEmpty ? resolved.url : resolved.file(file.path)
      guard let size = DataVerification.size(of: url) else {
        throw .damaged(name: resolved.entry.name, path: url.path, reason: "the file is missing")
      }
      guard size == file.bytes else {
        throw .damaged(
          name: resolved.entry.name, path: url.path, reason: "expected \(file.bytes) bytes, got \(size)")
      }
    }
  }
}

extension DataEntry {
  /// The entry of a file or folder that the user named by path.
  fileprivate init(userPath url: URL, kind: Kind, location: DataLocation) {
    self.init(
      name: url.lastPathComponent, title: "given by path", kind: kind, origin: .real, provision: .files,
      license: "unknown (given by path)", redistributable: false, homepage: "", usedBy: [], locations: [location],
      sources: [], whenAbsent: "give the path of an existing file or folder")
  }
}
