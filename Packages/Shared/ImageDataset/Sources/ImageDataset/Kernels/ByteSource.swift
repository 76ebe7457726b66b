import FileKit
import Foundation

/// Bytes that are read once from front to back, packed with gzip or not.
final class ByteSource {
  /// How many bytes there can be at most, judged from the size of the file.
  let upperBound: Int
  private let file: MappedFile
  private let inflater: Inflater?
  private var position = 0

  init(_ url: URL) throws(DatasetError) {
    file = try DatasetFiles.map(url)
    if url.pathExtension == "gz" {
      inflater = try Inflater(file)
      // Deflate shrinks at most 1032 : 1.
      upperBound = file.count * 1032 + 64
    } else {
      inflater = nil
      upperBound = file.count
    }
  }

  var path: String { file.url.path }

  func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws(DatasetError) {
    if let inflater { return try inflater.read(into: buffer) }
    guard buffer.count <= file.count - position else {
      throw .wrongSize(file: path, expected: "at least \(position + buffer.count)", found: file.count)
    }
    file.withUnsafeBytes { bytes in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[position..<position + buffer.count]))
    }
    position += buffer.count
  }

  /// Big-endian 32-bit number.
  func readNumber() throws(DatasetError) -> Int {
    var number = 0
    for _ in 0..<4 {
      var byte: UInt8 = 0
      try withUnsafeMutablePointer(to: &byte) { (pointer) throws(DatasetError) in
        try read(into: UnsafeMutableBufferPointer(start: pointer, count: 1))
      }
      number = number << 8 | Int(byte)
    }
    return number
  }

  func finish() throws(DatasetError) {
    if let inflater { return try inflater.finish() }
    guard position == file.count else { throw .wrongSize(file: path, expected: "\(position)", found: file.count) }
  }
}
