/// One data set or model of the catalogue.
public struct DataEntry: Sendable, Codable, Hashable {
  /// What kind of data it is.
  public enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
    /// Labelled images.
    case images
    /// Trained weights of a vision network.
    case weights
    /// Text for language models.
    case text
    /// Tables of numbers.
    case table
    /// Circuits and cell libraries.
    case circuit
    /// A language model.
    case model
  }

  /// How the data come into being on a machine.
  public enum Provision: String, Sendable, Codable, Hashable {
    /// Files that are found in a mirror, in the cache or where a system package puts them.
    case files
    /// Shipped inside a package of the workspace.
    case embedded
    /// Made by a generator of the workspace.
    case generated
  }

  /// Name used on the command line.
  public let name: String
  /// One line that says what it is.
  public let title: String
  /// What kind of data it is.
  public let kind: Kind
  /// Whether it is real, synthetic, simulated or recorded.
  public let origin: DataOrigin
  /// How it comes into being.
  public let provision: Provision
  /// Licence, in SPDX form where there is one.
  public let license: String
  /// Whether the licence lets this project pass the files on.
  public let redistributable: Bool
  /// Page of the data's authors.
  public let homepage: String
  /// Experiments and packages that use it.
  public let usedBy: [String]
  /// Places where the files may be, in order of preference.
  public let locations: [DataLocation]
  /// Ways to get the files, in order of preference. Empty when nothing can be automated.
  public let sources: [FetchSource]
  /// What to do when the data are absent, in one sentence.
  public let whenAbsent: String

  private enum CodingKeys: String, CodingKey {
    case name, title, kind, origin, provision, license, redistributable, homepage, usedBy, locations, sources,
      whenAbsent
  }

  /// Total bytes of the files listed for the preferred location; `nil` when they are not listed.
  public var byteCount: Int? {
    guard let files = locations.first?.files, !files.isEmpty else { return nil }
    return files.reduce(0) { $0 + $1.bytes }
  }
}

/// A place, relative to a data root, where an entry's files may be.
public struct DataLocation: Sendable, Codable, Hashable {
  /// Path of the file or folder below the root; absolute for what a system package installs.
  public let path: String
  /// Format of the files, such as `png-atlas`, `cifar-binary`, `idx`, `safetensors`, `gguf`, `csv`, `jsonl`.
  public let format: String
  /// File inside the folder that must exist for the location to count; `nil` when the path itself is the file.
  public let marker: String?
  /// A manifest inside the folder that lists files with their SHA-256; `nil` when there is none.
  public let manifest: String?
  /// The files with sizes and hashes; the path of a single file is empty.
  public let files: [DataFile]

  /// A location.
  public init(path: String, format: String, marker: String? = nil, manifest: String? = nil, files: [DataFile] = []) {
    self.path = path
    self.format = format
    self.marker = marker
    self.manifest = manifest
    self.files = files
  }

  /// Whether a system package puts the files at this absolute path.
  public var isSystemPath: Bool { path.hasPrefix("/") }
}

/// A file of a location.
public struct DataFile: Sendable, Codable, Hashable {
  /// Path below the location; empty when the location is the file.
  public let path: String
  /// Size in bytes.
  public let bytes: Int
  /// SHA-256 in lower-case hexadecimal.
  public let sha256: String

  /// A file.
  public init(path: String, bytes: Int, sha256: String) {
    self.path = path
    self.bytes = bytes
    self.sha256 = sha256
  }
}
