/// A PNG image that cannot be read or written.
public struct PNGError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The file, or `"PNG data"` when the image came from memory.
  public let file: String
  /// What is wrong with it, mostly in libpng's words.
  public let reason: String

  /// Creates an error.
  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  /// One line: the file, what is wrong, and what to do.
  public var description: String { "\(file): not a usable PNG image: \(reason); replace the file" }
}
