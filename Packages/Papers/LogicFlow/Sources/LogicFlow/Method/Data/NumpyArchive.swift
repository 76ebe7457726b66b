import FileKit
import Foundation
import TinyTensor

/// The arrays of an `.npz` file as `numpy.savez` writes it: a ZIP archive of uncompressed `.npy` entries.
public struct NumpyArchive: Sendable {
  /// Names without `.npy`, in the order of the archive.
  public let names: [String]
  private let arrays: [String: Tensor]

  /// Reads float32 and float64 arrays in C or Fortran order.
  public init(reading url: URL) throws(LogicFlowError) {
    let data: Data
    do {
      let file = try MappedFile(url)
      data = file.data(in: 0..<file.count)
    } catch {
      throw .file(error)
    }
    try self.init(data: data, name: url.lastPathComponent)
  }

  /// The array called `name`.
  public subscript(name: String) -> Tensor? { arrays[name] }

  /// Parses an archive; `name` is for messages.
  public init(data: Data, name: String) throws(LogicFlowError) {
    let bytes = ByteView(bytes: [UInt8](data), name: name)
    let end = try bytes.endOfDirectory()
    var names: [String] = []
    var arrays: [String: Tensor] = [:]
    var position = try bytes.integer(end + 16, 4)
    for _ in 0..<(try bytes.integer(end + 10, 2)) {
      guard try bytes.integer(position, 4) == 0x0201_4B50 else { throw bytes.broken("its directory is damaged") }
      let method = try bytes.integer(position + 10, 2)
      let size = try bytes.integer(position + 20, 4)
      let nameLength = try bytes.integer(position + 28, 2)
      let skipped = try bytes.integer(position + 30, 2) + bytes.integer(position + 32, 2)
      let local = try bytes.integer(position + 42, 4)
      let entry = String(decoding: try bytes.slice(position + 46, nameLength), as: UTF8.self)
      guard method == 0 else { throw bytes.broken("\(entry) is compressed; write it with numpy.savez") }
      let start = try local + 30 + bytes.integer(local + 26, 2) + bytes.integer(local + 28, 2)
      let key = entry.hasSuffix(".npy") ? String(entry.dropLast(4)) : entry
      guard arrays.updateValue(try bytes.array(start, size, entry), forKey: key) == nil else {
        throw bytes.broken("\(entry) appears twice")
      }
      names.append(key)
      position += 46 + nameLength + skipped
    }
    self.names = names
    self.arrays = arrays
  }
}

/// Little-endian reading with checked bounds.
private struct ByteView {
  let bytes: [UInt8]
  let name: String

  func broken(_ reason: String) -> LogicFlowError { .invalidNetwork(path: name, reason: reason) }

  func slice(_ offset: Int, _ count: Int) throws(LogicFlowError) -> ArraySlice<UInt8> {
    guard offset >= 0, count >= 0, offset <= bytes.count - count else {
      throw broken("it ends at \(bytes.count) bytes")
    }
    return bytes[offset..<offset + count]
  }

  func integer(_ offset: Int, _ count: Int) throws(LogicFlowError) -> Int {
    try slice(offset, count).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// The record at the end of every archive, behind which a comment may follow.
  func endOfDirectory() throws(LogicFlowError) -> Int {
    for offset in stride(from: bytes.count - 22, through: max(0, bytes.count - 65_557), by: -1) {
      if try integer(offset, 4) == 0x0605_4B50 { return offset }
    }
    throw broken("not an .npz archive")
  }

  /// One `.npy` file: magic, version, a Python dictionary, values.
  func array(_ start: Int, _ size: Int, _ entry: String) throws(LogicFlowError) -> Tensor {
    guard size >= 12, try slice(start, 6).elementsEqual([0x93] + "NUMPY".utf8) else {
      throw broken("\(entry) is no .npy array")
    }
    let isFirstVersion = bytes[start + 6] == 1
    let begin = start + (isFirstVersion ? 10 : 12)
    let length = try integer(start + 8, isFirstVersion ? 2 : 4)
    let header = String(decoding: try slice(begin, length), as: UTF8.self)
    let isDouble = header.contains("'<f8'")
    guard isDouble || header.contains("'<f4'") else { throw broken("\(entry) is neither float32 nor float64") }
    guard let open = header.firstIndex(of: "("), let close = header[open...].firstIndex(of: ")") else {
      throw broken("\(entry) has no shape")
    }
    let shape = header[header.index(after: open)..<close].split(separator: ",").compactMap {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    guard (1...2).contains(shape.count), shape.allSatisfy({ (1...65_536).contains($0) }) else {
      throw broken("\(entry) has shape \(shape), expected one or two dimensions")
    }
    let (count, width) = (shape.reduce(1, *), isDouble ? 8 : 4)
    guard begin - start + length + count * width <= size else { throw broken("\(entry) is cut short") }
    var values: [Float] = []
    for index in 0..<count {
      let bits = try slice(begin + length + index * width, width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      values.append(isDouble ? Float(Double(bitPattern: bits)) : Float(bitPattern: UInt32(bits)))
    }
    guard header.contains("'fortran_order': True"), shape.count == 2 else { return Tensor(shape: shape, values) }
    return Tensor(shape: shape.reversed(), values).transposed
  }
}
