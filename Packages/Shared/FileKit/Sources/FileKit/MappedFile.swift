import Foundation

/// A whole file mapped read-only into memory: nothing is read until its bytes are touched, and the pages are shared with
/// the system's file cache.
///
/// The mapping lives as long as the object. Files of this workspace are replaced by renaming a new file over the old one
/// (``AtomicFile``), so a mapping keeps seeing the old contents; a foreign process that *truncates* a mapped file in place
/// makes reading the lost part fail with `SIGBUS`, as with every memory-mapped file.
public final class MappedFile: Sendable {
  /// Where the file was found.
  public let url: URL
  /// The size of the file in bytes.
  public let count: Int

  private nonisolated(unsafe) let base: UnsafeRawPointer?

  /// Maps the file at `url`.
  ///
  /// - Throws: ``FileError`` when the file does not exist, cannot be read, is not a regular file, or cannot be mapped.
  public init(_ url: URL) throws(FileError) {
    let path = url.path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(path: path, action: "cannot open") }
    defer { close(descriptor) }

    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw FileError(path: path, action: "cannot inspect") }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path: path, problem: "is not a regular file", remedy: "name a file, not a folder or device")
    }
    self.url = url
    count = Int(information.st_size)
    if count == 0 {
      base = nil
    } else {
      guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
        throw FileError(path: path, action: "cannot map into memory")
      }
      base = UnsafeRawPointer(address)
    }
  }

  deinit {
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
  }

  /// Calls `body` with all bytes of the file; the pointer is valid only during the call.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// A copy of the bytes in `range`, clamped to the file.
  public func data(in range: Range<Int>) -> Data {
    withUnsafeBytes { bytes in Data(bytes[range.clamped(to: 0..<count)]) }
  }
}
