import Foundation

/// The git commit of the checkout that a run was made in.
public struct SourceRevision: Sendable, Codable, Hashable {
  /// Full commit hash.
  public let commit: String
  /// Branch, `nil` on a detached head.
  public let branch: String?

  /// A revision.
  public init(commit: String, branch: String?) {
    self.commit = commit
    self.branch = branch
  }

  /// Reads the commit out of the `.git` folder in or above `folder`, without running git.
  ///
  /// - Returns: `nil` outside a checkout, before the first commit, and for repositories in an unknown format.
  public static func find(at folder: URL) -> SourceRevision? {
    var folder = folder.standardizedFileURL
    while true {
      let git = folder.appendingPathComponent(".git")
      if FileManager.default.fileExists(atPath: git.path) { return read(git) }
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      if parent.path == folder.path { return nil }
      folder = parent
    }
  }

  private static func read(_ git: URL) -> SourceRevision? {
    var git = git
    // A worktree or submodule has a file that names the real folder.
    if let pointer = text(git), pointer.hasPrefix("gitdir: ") {
      let path = String(pointer.dropFirst("gitdir: ".count))
      git = URL(fileURLWithPath: path, relativeTo: git.deletingLastPathComponent())
    }
    guard let head = text(git.appendingPathComponent("HEAD")) else { return nil }
    guard head.hasPrefix("ref: ") else {
      return isHash(head) ? SourceRevision(commit: head, branch: nil) : nil
    }
    let reference = String(head.dropFirst("ref: ".count))
    let common = text(git.appendingPathComponent("commondir")).map {
      URL(fileURLWithPath: $0, isDirectory: true, relativeTo: git)
    }
    for folder in [git, common].compactMap({ $0 }) {
      if let commit = text(folder.appendingPathComponent(reference)) ?? packed(reference, in: folder), isHash(commit) {
        let branch = reference.hasPrefix("refs/heads/") ? String(reference.dropFirst("refs/heads/".count)) : reference
        return SourceRevision(commit: commit, branch: branch)
      }
    }
    return nil
  }

  private static func packed(_ reference: String, in folder: URL) -> String? {
    let lines = text(folder.appendingPathComponent("packed-refs"))?.split(separator: "\n") ?? []
    return lines.first { $0.hasSuffix(" " + reference) }.map { String($0.prefix { $0 != " " }) }
  }

  private static func text(_ url: URL) -> String? {
    (try? String(contentsOf: url, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func isHash(_ text: String) -> Bool {
    (text.count == 40 || text.count == 64) && text.allSatisfy(\.isHexDigit)
  }
}
