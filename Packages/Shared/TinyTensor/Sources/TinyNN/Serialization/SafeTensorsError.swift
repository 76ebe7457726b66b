import FileKit
import JSONC

/// Why a safetensors file cannot be read or written. Every way to be malformed has its own case.
public enum SafeTensorsError: Error, Sendable, Equatable {
  /// The file cannot be opened, mapped or written.
  case file(FileError)
  /// The file is shorter than the eight bytes of the header's length.
  case truncatedLength(path: String, bytes: Int)
  /// The header claims to be longer than the format allows.
  case headerTooLarge(path: String, length: UInt64, limit: Int)
  /// The header claims to be longer than the file.
  case headerBeyondFile(path: String, length: UInt64, available: Int)
  /// The header is no valid JSON.
  case invalidHeader(path: String, problem: String)
  /// The header is valid JSON, but no object.
  case headerNotObject(path: String)
  /// A name occurs twice.
  case duplicateName(path: String, problem: String)
  /// `__metadata__` is not an object of strings.
  case invalidMetadata(path: String, key: String)
  /// The description of a tensor lacks a field, has a wrong one, or one too many.
  case invalidEntry(path: String, tensor: String, problem: String)
  /// The element type is unknown or not supported.
  case unsupportedType(path: String, tensor: String, type: String)
  /// A dimension is negative or no whole number.
  case invalidShape(path: String, tensor: String)
  /// The number of bytes of a tensor does not fit an integer.
  case shapeOverflow(path: String, tensor: String, shape: [Int])
  /// The shape and the offsets disagree about the number of bytes.
  case sizeMismatch(path: String, tensor: String, shape: [Int], expected: Int, found: Int)
  /// The offsets are negative, in the wrong order, or beyond the end of the data.
  case offsetsOutOfRange(path: String, tensor: String, begin: Int64, end: Int64, available: Int)
  /// Two tensors share bytes.
  case overlap(path: String, tensor: String, other: String)
  /// There are unused bytes before a tensor.
  case gap(path: String, tensor: String, offset: Int, bytes: Int)
  /// There are unused bytes after the last tensor.
  case trailingBytes(path: String, bytes: Int)
  /// The file has no tensor of that name.
  case missingTensor(path: String, tensor: String)
  /// A tensor to be written has the name under which the metadata are kept.
  case reservedName(path: String, tensor: String)
}

extension SafeTensorsError: CustomStringConvertible {
  /// One line: the file, the tensor, what is wrong, and what would be right.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .truncatedLength(let path, let bytes):
      "\(path): only \(bytes) bytes, a safetensors file begins with an 8-byte header length; fetch the file again"
    case .headerTooLarge(let path, let length, let limit):
      "\(path): header of \(length) bytes, the limit is \(limit); is this a safetensors file?"
    case .headerBeyondFile(let path, let length, let available):
      "\(path): header of \(length) bytes, but only \(available) follow; the file is truncated or no safetensors file"
    case .invalidHeader(let path, let problem): "\(path): the header is not valid JSON: \(problem)"
    case .headerNotObject(let path): "\(path): the header must be a JSON object of tensor descriptions"
    case .duplicateName(let path, let problem): "\(path): a name occurs twice in the header: \(problem)"
    case .invalidMetadata(let path, let key): "\(path): __metadata__ must map strings to strings, '\(key)' does not"
    case .invalidEntry(let path, let tensor, let problem): "\(path): tensor '\(tensor)': \(problem)"
    case .unsupportedType(let path, let tensor, let type):
      "\(path): tensor '\(tensor)' has the element type \(type); supported: "
        + SafeTensors.ElementType.allCases.map(\.rawValue).joined(separator: ", ")
    case .invalidShape(let path, let tensor):
      "\(path): tensor '\(tensor)': the shape must be a list of whole numbers of at least 0"
    case .shapeOverflow(let path, let tensor, let shape):
      "\(path): tensor '\(tensor)': the shape \(shape) has more bytes than can be addressed"
    case .sizeMismatch(let path, let tensor, let shape, let expected, let found):
      "\(path): tensor '\(tensor)' of shape \(shape) needs \(expected) bytes, its offsets span \(found)"
    case .offsetsOutOfRange(let path, let tensor, let begin, let end, let available):
      "\(path): tensor '\(tensor)': offsets \(begin)..<\(end) are outside of the \(available) bytes of data"
    case .overlap(let path, let tensor, let other): "\(path): tensors '\(other)' and '\(tensor)' share bytes"
    case .gap(let path, let tensor, let offset, let bytes):
      "\(path): \(bytes) unused bytes at offset \(offset), before tensor '\(tensor)'"
    case .trailingBytes(let path, let bytes): "\(path): \(bytes) unused bytes after the last tensor"
    case .missingTensor(let path, let tensor): "\(path): there is no tensor '\(tensor)'"
    case .reservedName(let path, let tensor): "\(path): no tensor may be called '\(tensor)'; rename it"
    }
  }
}
