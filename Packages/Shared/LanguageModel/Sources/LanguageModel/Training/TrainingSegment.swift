import TinyNN
import TinyTensor

/// A run of tokens or trainable embeddings for ``DifferentiableModel``; like ``InputSegment`` with variables.
public struct TrainingSegment {
  /// Consecutive inputs of one kind.
  public enum Part {
    /// Token ids: frozen input embeddings.
    case tokens([Int32])
    /// Soft tokens `[count, width]`, to which gradients flow.
    case embeddings(Variable)

    /// The number of rows.
    public var count: Int {
      switch self {
      case .tokens(let tokens): tokens.count
      case .embeddings(let rows): rows.shape.first ?? 0
      }
    }
  }

  /// The inputs in order.
  public var parts: [Part]
  /// What the segment's tokens attend to, besides earlier tokens of the segment itself.
  public var scope: CacheSegment.Scope
  /// The position of the first token; `nil` continues from the token before.
  public var position: Int?

  /// A segment of several parts.
  public init(_ parts: Part..., scope: CacheSegment.Scope = .everything, position: Int? = nil) {
    self.parts = parts
    self.scope = scope
    self.position = position
  }

  /// The number of rows.
  public var count: Int { parts.reduce(0) { $0 + $1.count } }
}
