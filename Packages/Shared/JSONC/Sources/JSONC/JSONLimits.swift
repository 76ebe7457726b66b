/// What a document may ask for before it is refused.
public struct JSONLimits: Sendable, Hashable {
  /// How deep arrays and objects may be nested.
  public var maximumDepth: Int
  /// How long the text may be, in bytes.
  public var maximumBytes: Int
  /// How many characters one number may have.
  public var maximumNumberLength: Int

  /// The limits of json-c itself: its lengths are C `int`s, and it frees nested values recursively.
  static let hardDepth = 4096
  static let hardBytes = Int(Int32.max) - 1

  /// Creates limits; the defaults suit configuration files, manifests and headers of tensors.
  public init(maximumDepth: Int = 128, maximumBytes: Int = 256 << 20, maximumNumberLength: Int = 1024) {
    self.maximumDepth = maximumDepth
    self.maximumBytes = maximumBytes
    self.maximumNumberLength = maximumNumberLength
  }

  var effectiveDepth: Int { min(max(maximumDepth, 1), Self.hardDepth) }
  var effectiveBytes: Int { min(max(maximumBytes, 0), Self.hardBytes) }
}
