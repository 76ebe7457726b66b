/// How a ``LlamaModel`` computes and what caches it makes.
public struct ModelOptions: Sendable, Hashable {
  /// How forward passes compute.
  public var numerics: Numerics
  /// The number format of new caches; by default float32 in exact and float16 in fast numerics.
  public var cachePrecision: CachePrecision?
  /// Whether new caches store keys after or before the rotary embedding.
  public var keyStorage: KeyStorage
  /// Tokens that are computed together when a long input is processed; bounds scratch memory, never changes results.
  public var chunk: Int
  /// The longest sequence; by default the context the model was trained for.
  public var context: Int?

  /// Creates options; the defaults are for use, ``exact`` is for reference values.
  public init(
    numerics: Numerics = .fast, cachePrecision: CachePrecision? = nil, keyStorage: KeyStorage = .rotated,
    chunk: Int = 512, context: Int? = nil
  ) {
    self.numerics = numerics
    self.cachePrecision = cachePrecision
    self.keyStorage = keyStorage
    self.chunk = chunk
    self.context = context
  }

  /// Floats everywhere.
  public static let exact = ModelOptions(numerics: .exact)
}
