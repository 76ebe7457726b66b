import Foundation

/// The folder for files that can be made again: decoded data sets, downloads.
public enum CacheDirectory {
  /// `$HARDWISE_CACHE` when set, else `$XDG_CACHE_HOME/hardwise`, else `~/.cache/hardwise`. Not created by asking for it.
  public static var url: URL {
    resolve(ProcessInfo.processInfo.environment)
  }

  /// The same rule applied to a given environment.
  public static func resolve(_ environment: [String: String]) -> URL {
    if let path = environment["HARDWISE_CACHE"], !path.isEmpty {
      return URL(fileURLWithPath: path, isDirectory: true)
    }
    if let path = environment["XDG_CACHE_HOME"], path.hasPrefix("/") {
      return URL(fileURLWithPath: path, isDirectory: true).appendingPathComponent("hardwise", isDirectory: true)
    }
    return FileManager.default.homeDirectoryForCurrentUser
      .appendingPathComponent(".cache", isDirectory: true).appendingPathComponent("hardwise", isDirectory: true)
  }
}
