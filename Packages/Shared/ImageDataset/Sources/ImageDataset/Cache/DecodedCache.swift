import FileKit
import Foundation

/// Keeps the pixels of decoded data sets in one mapped file each, so that opening a known set takes milliseconds.
///
/// A file is used only if its format, size, key and checksum are right; anything else is silently made again. A cache that
/// cannot be written is no error either: the data set is then decoded every time.
public struct DecodedCache: Sendable, Hashable {
  /// Where the files lie; `nil` keeps nothing.
  public let folder: URL?

  /// A cache in `folder`, which is created when needed.
  public init(folder: URL?) { self.folder = folder }

  /// `decoded` in the user's cache directory (``FileKit/CacheDirectory``; `$HARDWISE_CACHE` moves it).
  public static var standard: DecodedCache {
    DecodedCache(folder: CacheDirectory.url.appendingPathComponent("decoded", isDirectory: true))
  }

  /// No cache.
  public static let disabled = DecodedCache(folder: nil)

  /// The file of the data set whose description has the hash `key`.
  public func file(key: String, name: String) -> URL? {
    let safe = String(name.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "_" })
    return folder?.appendingPathComponent("\(safe)-\(key.prefix(16)).pixels")
  }

  /// The cached splits, or those that `make` decodes, which are then kept.
  func splits(
    key: String, name: String, make: () throws(DatasetError) -> (splits: DatasetSplits, isCacheable: Bool)
  ) throws(DatasetError) -> DatasetSplits {
    guard let url = file(key: key, name: name) else { return try make().splits }
    if let cached = CacheFile.open(url, key: key) { return cached }
    let (splits, isCacheable) = try make()
    guard isCacheable, (try? CacheFileWriter.write(splits, key: key, to: url)) != nil else { return splits }
    // Mapped pages can be dropped by the system; the decoded copy in memory could not.
    return CacheFile.open(url, key: key) ?? splits
  }
}
