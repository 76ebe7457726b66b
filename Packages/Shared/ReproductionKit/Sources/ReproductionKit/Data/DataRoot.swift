import FileKit
import Foundation

/// A folder in which catalogue entries are looked for.
public struct DataRoot: Sendable, Hashable {
  /// Where the folder comes from; also the name in reports.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// `$HARDWISE_DATA`.
    case environment = "$HARDWISE_DATA"
    /// `../shared/data` beside the checkout.
    case mirror
    /// `~/.cache/hardwise`.
    case cache
    /// Where the system's packages put their files.
    case system
    /// A path given by the user.
    case path
  }

  /// Where the folder comes from.
  public let kind: Kind
  /// The folder.
  public let url: URL

  /// A root.
  public init(kind: Kind, url: URL) {
    self.kind = kind
    self.url = url
  }

  /// The roots in their order of preference: `$HARDWISE_DATA`, the mirror beside the checkout, the cache.
  ///
  /// - Parameters:
  ///   - environment: the process environment.
  ///   - workspace: the checkout, `nil` outside one.
  public static func standard(environment: [String: String], workspace: URL?) -> [DataRoot] {
    var roots: [DataRoot] = []
    if let path = environment["HARDWISE_DATA"], !path.isEmpty {
      roots.append(DataRoot(kind: .environment, url: URL(fileURLWithPath: path, isDirectory: true)))
    }
    if let workspace {
      let mirror = workspace.deletingLastPathComponent().appendingPathComponent("shared/data", isDirectory: true)
      roots.append(DataRoot(kind: .mirror, url: mirror))
    }
    roots.append(DataRoot(kind: .cache, url: CacheDirectory.resolve(environment)))
    return roots
  }
}
