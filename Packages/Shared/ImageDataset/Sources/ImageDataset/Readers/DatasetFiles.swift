import FileKit
import Foundation

/// File operations with this package's errors.
enum DatasetFiles {
  static func map(_ url: URL) throws(DatasetError) -> MappedFile {
    do throws(FileError) {
      return try MappedFile(url)
    } catch {
      throw .file(error)
    }
  }

  static func text(of url: URL, limit: Int = 64 << 20) throws(DatasetError) -> String {
    let file = try map(url)
    guard file.count <= limit else {
      throw .tooLarge(file: url.path, what: "\(file.count) bytes of text", limit: limit)
    }
    return file.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }

  static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

  static func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// The names in a folder that do not begin with a point, in bytewise order.
  static func names(in folder: URL) throws(DatasetError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { !$0.hasPrefix(".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw .file(
        FileError(path: folder.path, problem: "cannot be listed", remedy: "check the path and its permissions"))
    }
  }
}
