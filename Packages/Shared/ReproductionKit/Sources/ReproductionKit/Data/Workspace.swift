import Foundation

/// The checkout of the Hardwise workspace, when there is one.
public enum Workspace {
  /// Finds the checkout by walking up from a folder: the first one that holds `Datasets/catalog.json` and `Packages`.
  ///
  /// - Returns: `nil` outside a checkout, such as when a package is used as a dependency of another project.
  public static func find(from folder: URL) -> URL? {
    var folder = folder.standardizedFileURL
    while true {
      let files = FileManager.default
      if files.fileExists(atPath: folder.appendingPathComponent("Datasets/catalog.json").path),
        files.fileExists(atPath: folder.appendingPathComponent("Packages").path)
      {
        return folder
      }
      let parent = folder.deletingLastPathComponent().standardizedFileURL
      if parent.path == folder.path { return nil }
      folder = parent
    }
  }

  /// The checkout around the current directory.
  public static var current: URL? {
    find(from: URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true))
  }
}
