import CZlib
import FileKit
import Foundation

/// Unpacks a gzip file piece by piece into buffers that the caller sized, so that no input can make it allocate.
final class Inflater {
  private let file: MappedFile
  private let stream: UnsafeMutablePointer<z_stream>
  private var isAtEnd = false

  init(_ file: MappedFile) throws(DatasetError) {
    self.file = file
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // The address of a mapping does not change as long as the object lives.
    let bytes = file.withUnsafeBytes { $0 }
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(clamping: bytes.count)
    let gzipOnly = 16 + MAX_WBITS
    guard inflateInit2_(stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      stream.deallocate()
      throw .malformed(file: file.url.path, reason: "zlib cannot be initialised")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills the whole buffer.
  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(DatasetError) {
    var done = 0
    while done < buffer.count {
      guard !isAtEnd else { throw error("the unpacked data end after \(stream.pointee.total_out) bytes, too early") }
      let piece = min(buffer.count - done, 1 << 30)
      stream.pointee.next_out = buffer.baseAddress.map { $0 + done }
      stream.pointee.avail_out = UInt32(piece)
      try step()
      let written = piece - Int(stream.pointee.avail_out)
      if written == 0 && !isAtEnd { throw error("the gzip data end too early") }
      done += written
    }
  }

  /// Checks that nothing follows, and the checksum at the end.
  func finish() throws(DatasetError) {
    var extra: UInt8 = 0
    while !isAtEnd {
      let room = try withUnsafeMutablePointer(to: &extra) { (pointer) throws(DatasetError) in
        stream.pointee.next_out = pointer
        stream.pointee.avail_out = 1
        try step()
        return stream.pointee.avail_out
      }
      if room == 0 { throw error("the unpacked data are longer than their header says") }
      if !isAtEnd && stream.pointee.avail_in == 0 { throw error("the gzip data end too early") }
    }
    if stream.pointee.avail_in > 0 { throw error("\(stream.pointee.avail_in) bytes follow the gzip data") }
  }

  private func step() throws(DatasetError) {
    let status = inflate(stream, Z_NO_FLUSH)
    switch status {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isAtEnd = true
    default:
      let message = stream.pointee.msg.map { String(cString: $0) } ?? "code \(status)"
      throw error("damaged gzip data (\(message))")
    }
  }

  private func error(_ reason: String) -> DatasetError { .malformed(file: file.url.path, reason: reason) }
}
