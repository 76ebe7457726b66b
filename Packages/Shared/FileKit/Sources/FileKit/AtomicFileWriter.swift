import Foundation

extension AtomicFile {
  /// The buffered end of a file being written; handed to the closure of ``AtomicFile/write(to:_:)``.
  public struct Writer {
    /// How many bytes were written so far.
    public private(set) var count = 0

    private let file: PendingFile
    private var buffer: [UInt8] = []
    private static let capacity = 1 << 18

    init(_ file: PendingFile) {
      self.file = file
      buffer.reserveCapacity(Self.capacity)
    }

    /// Appends `data`.
    public mutating func write(_ data: Data) throws(FileError) {
      let result = data.withUnsafeBytes { bytes in
        Result { () throws(FileError) in try write(bytes) }
      }
      try result.get()
    }

    /// Appends the UTF-8 form of `text`.
    public mutating func write(_ text: String) throws(FileError) {
      try write(Data(text.utf8))
    }

    /// Appends the bytes behind `bytes`.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
      count += bytes.count
      if buffer.count + bytes.count > Self.capacity { try flush() }
      if bytes.count >= Self.capacity {
        try file.append(bytes)
      } else {
        buffer.append(contentsOf: bytes)
      }
    }

    mutating func flush() throws(FileError) {
      let result = buffer.withUnsafeBytes { bytes in
        Result { () throws(FileError) in try file.append(bytes) }
      }
      buffer.removeAll(keepingCapacity: true)
      try result.get()
    }
  }
}
