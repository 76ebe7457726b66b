import Foundation

/// A temporary file beside its final place, waiting to be renamed over it.
final class PendingFile {
  private let target: URL
  private let temporaryPath: String
  private var descriptor: Int32

  init(for target: URL) throws(FileError) {
    let folder = target.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(
        path: folder.path, problem: "cannot create this folder (\(error.localizedDescription))",
        remedy: "check the path and its permissions")
    }
    self.target = target
    let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    temporaryPath = folder.appendingPathComponent(".\(target.lastPathComponent).\(suffix).tmp").path
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError(path: target.path, action: "cannot create a file beside it") }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw FileError(path: target.path, action: "cannot write")
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
    }
  }

  /// Makes the bytes durable, then visible.
  func commit() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(path: target.path, action: "cannot synchronise to the disk") }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw FileError(path: target.path, action: "cannot close") }
    guard rename(temporaryPath, target.path) == 0 else {
      throw FileError(path: target.path, action: "cannot put the new file in place")
    }
    // The rename itself is durable once the folder is; a file system that cannot synchronise folders is not an error.
    let folder = open(target.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      _ = fsync(folder)
      close(folder)
    }
  }

  /// Closes and removes the temporary file.
  func discard() {
    if descriptor >= 0 {
      close(descriptor)
      descriptor = -1
    }
    unlink(temporaryPath)
  }
}
