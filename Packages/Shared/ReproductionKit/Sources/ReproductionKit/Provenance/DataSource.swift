/// Where a number in a report comes from.
public enum DataOrigin: String, Sendable, Codable, Hashable, CaseIterable {
  /// Published or measured data.
  case real
  /// Made by a generator of this project.
  case synthetic
  /// Made by a simulator or model of the real thing.
  case simulated
  /// Recorded answers or traces of somebody else's run.
  case recorded
}

/// A data set or model that a run used.
public struct DataSource: Sendable, Codable, Hashable {
  /// Name, as in the catalogue where it is listed.
  public let name: String
  /// Origin of the data.
  public let origin: DataOrigin
  /// SHA-256 of the file, or of the list of files; `nil` when it was not computed.
  public let sha256: String?
  /// Licence, in SPDX form where there is one.
  public let license: String
  /// Where it was found: `$HARDWISE_DATA`, `mirror`, `cache`, `system`, `path`, `generated`, `embedded`.
  public let location: String
  /// A remark, such as the generator's parameters.
  public let note: String?

  /// A source.
  public init(
    name: String, origin: DataOrigin, sha256: String? = nil, license: String, location: String, note: String? = nil
  ) {
    self.name = name
    self.origin = origin
    self.sha256 = sha256
    self.license = license
    self.location = location
    self.note = note
  }
}
