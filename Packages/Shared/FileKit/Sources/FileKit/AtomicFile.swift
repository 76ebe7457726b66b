import Foundation

/// Files that are either there completely or not at all: written under a temporary name in the same folder, synchronised
/// to the disk, then renamed over the final name.
///
/// A reader never sees half a file, and an interrupted program leaves the previous version untouched.
public enum AtomicFile {
  /// Writes `data` to `url`, creating the folders above it when they are missing.
  public static func write(_ data: Data, to url: URL) throws(FileError) {
    let pending = try PendingFile(for: url)
    var writer = Writer(pending)
    do {
      try writer.write(data)
      try writer.flush()
      try pending.commit()
    } catch {
      pending.discard()
      throw error
    }
  }

  /// Writes the UTF-8 form of `text` to `url`, creating the folders above it when they are missing.
  public static func write(_ text: String, to url: URL) throws(FileError) {
    try write(Data(text.utf8), to: url)
  }

  /// Streams a file to `url`: `body` writes piece by piece; the file appears when `body` returns, and does not appear when it throws.
  ///
  /// - Throws: whatever `body` throws, or ``FileError``.
  public static func write(to url: URL, _ body: (inout Writer) throws -> Void) throws {
    let pending = try PendingFile(for: url)
    var writer = Writer(pending)
    do {
      try body(&writer)
      try writer.flush()
      try pending.commit()
    } catch {
      pending.discard()
      throw error
    }
  }
}
