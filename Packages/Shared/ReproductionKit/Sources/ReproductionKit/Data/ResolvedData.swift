import FileKit
import Foundation

/// Files of a catalogue entry found on this machine.
public struct ResolvedData: Sendable, Hashable {
  /// The catalogue's entry.
  public let entry: DataEntry
  /// The file or folder.
  public let url: URL
  /// The kind of root it was found in.
  public let root: DataRoot.Kind
  /// The location's description: format, files, manifest.
  public let location: DataLocation

  /// Origin of the data.
  public var origin: DataOrigin { entry.origin }

  /// A result of ``DataCatalog/resolve(_:)``.
  public init(entry: DataEntry, url: URL, root: DataRoot.Kind, location: DataLocation) {
    self.entry = entry
    self.url = url
    self.root = root
    self.location = location
  }

  /// A file inside the folder.
  public func file(_ path: String) -> URL {
    url.appendingPathComponent(path)
  }

  /// SHA-256 that identifies the data: of the file; of the manifest, which lists the other files' hashes; or of the lines
  /// `hash  path` of all listed files in order.
  public func sha256() throws(FileError) -> String {
    if let manifest = location.manifest { return try SHA256.hexDigest(ofFile: file(manifest)) }
    guard let first = location.files.first, location.files.count > 1 || !first.path.isEmpty else {
      return try SHA256.hexDigest(ofFile: location.marker.map(file) ?? url)
    }
    var lines = ""
    for listed in location.files {
      lines += try SHA256.hexDigest(ofFile: file(listed.path)) + "  " + listed.path + "\n"
    }
    return SHA256.hexDigest(of: Data(lines.utf8))
  }

  /// The source as it stands in a report.
  public func source(note: String? = nil) -> DataSource {
    let digest = try? sha256()
    var remarks = note.map { [$0] } ?? []
    if let digest, let listed = location.files.first, location.files.count == 1, listed.path.isEmpty,
      listed.sha256 != digest
    {
      remarks.append("SHA-256 differs from the catalogue's")
    }
    return DataSource(
      name: entry.name, origin: origin, sha256: digest, license: entry.license, location: root.rawValue,
      note: remarks.isEmpty ? nil : remarks.joined(separator: "; "))
  }
}
