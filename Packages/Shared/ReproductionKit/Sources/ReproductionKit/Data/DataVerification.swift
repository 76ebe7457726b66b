import FileKit
import Foundation
import JSONC

/// The outcome of recomputing the hashes of an entry's files.
public struct DataVerification: Sendable, Codable, Hashable {
  /// One file that is not as listed.
  public struct Problem: Sendable, Codable, Hashable {
    /// Path of the file.
    public let path: String
    /// What is wrong with it.
    public let reason: String
  }

  /// Name of the entry.
  public let name: String
  /// The file or folder that was verified.
  public let path: String
  /// Number of files whose hash was recomputed.
  public let checkedFiles: Int
  /// Their size in bytes.
  public let checkedBytes: Int
  /// The files that are not as listed.
  public let problems: [Problem]

  /// Whether all files are as listed, and at least one was checked.
  public var isIntact: Bool { problems.isEmpty && checkedFiles > 0 }

  /// Size of a regular file; `nil` when there is none.
  static func size(of url: URL) -> Int? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular else { return nil }
    return (attributes?[.size] as? NSNumber)?.intValue
  }
}

extension DataCatalog {
  /// Recomputes the SHA-256 of all files of an entry that the catalogue or the entry's own manifest lists.
  ///
  /// - Throws: ``DataCatalogError`` when the entry is unknown or absent, or its manifest is unreadable. Files that are missing
  ///   or differ are no errors but ``DataVerification/problems``.
  public func verify(_ name: String) throws(DataCatalogError) -> DataVerification {
    let entry = try entry(name)
    guard !entry.locations.isEmpty else { throw .notFiles(name: name, whenAbsent: entry.whenAbsent) }
    guard let resolved = locate(entry) else {
      throw .absent(name: name, searched: roots.map(\.url.path), whenAbsent: entry.whenAbsent)
    }
    var expected: [(url: URL, sha256: String)] = resolved.location.files.map {
      ($0.path.isEmpty ? resolved.url : resolved.file($0.path), $0.sha256)
    }
    if let manifest = resolved.location.manifest {
      expected += try Self.hashes(inManifest: resolved.file(manifest), of: name)
    }
    var problems: [DataVerification.Problem] = []
    var bytes = 0
    for (url, sha256) in expected {
      guard let size = DataVerification.size(of: url) else {
        problems.append(.init(path: url.path, reason: "the file is missing"))
        continue
      }
      bytes += size
      do {
        let digest = try SHA256.hexDigest(ofFile: url)
        if digest != sha256.lowercased() {
          problems.append(.init(path: url.path, reason: "expected SHA-256 \(sha256), got \(digest)"))
        }
      } catch {
        problems.append(.init(path: url.path, reason: oneLine(error)))
      }
    }
    return DataVerification(
      name: name, path: resolved.url.path, checkedFiles: expected.count, checkedBytes: bytes, problems: problems)
  }

  /// All objects of a manifest that have a `sha256` and a `file` or `name`, wherever they stand.
  private static func hashes(
    inManifest url: URL, of name: String
  ) throws(DataCatalogError) -> [(url: URL, sha256: String)] {
    let value: JSONValue
    do {
      value = try JSON.parse(try Data(contentsOf: url))
    } catch {
      throw .damaged(name: name, path: url.path, reason: oneLine(error))
    }
    let folder = url.deletingLastPathComponent()
    var found: [(URL, String)] = []
    var pending = [value]
    while let value = pending.popLast() {
      if let object = value.objectValue {
        let file = object["file"]?.stringValue ?? object["name"]?.stringValue
        if let sha256 = object["sha256"]?.stringValue, let file, FileName.isSafe(file) {
          found.append((folder.appendingPathComponent(file), sha256))
        }
        pending += object.keys.compactMap { object[$0] }
      } else if let array = value.arrayValue {
        pending += array
      }
    }
    return found.sorted { $0.0.path < $1.0.path }
  }
}
