import Foundation
import ImageDataset

/// A folder that disappears with the test.
final class TemporaryFolder: Sendable {
  let url: URL

  init() {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("imagedataset-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ data: Data, _ name: String) throws {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  func write(_ text: String, _ name: String) throws { try write(Data(text.utf8), name) }

  /// Opens the data set in the folder, which stays until that is done.
  func open(cache: DecodedCache = .disabled) throws(DatasetError) -> DatasetSplits {
    defer { withExtendedLifetime(self) {} }
    return try DatasetReader.open(url, cache: cache)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(at: url.appendingPathComponent(name)) }
}
