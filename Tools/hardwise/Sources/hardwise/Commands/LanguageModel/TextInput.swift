import Foundation

/// Text from the command line, a file or standard input.
enum TextInput {
  /// The words given as arguments; `-` means standard input.
  static func text(_ argument: String) throws -> String {
    argument == "-" ? String(decoding: try FileHandle.standardInput.readToEnd() ?? Data(), as: UTF8.self) : argument
  }

  /// The content of a text file; `-` means standard input.
  static func file(_ path: String) throws -> String {
    if path == "-" { return try text(path) }
    do {
      return try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    } catch {
      throw TextInputError(path: path)
    }
  }
}

/// A text file that cannot be read.
struct TextInputError: Error, CustomStringConvertible {
  let path: String

  var description: String {
    "\(path): cannot be read as UTF-8 text; give the path of a text file, or - for standard input"
  }
}
