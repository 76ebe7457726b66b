import TinyNN
import TinyTensor

/// A run of tokens or embeddings for a forward pass, with the rule for what it attends to: ``InputSegment`` for inference,
/// ``TrainingSegment`` where gradients flow to the embeddings.
///
/// ```swift
/// // a document between trained soft tokens, blind for everything before it
/// InputSegment(.embeddings(header), .tokens(document), .embeddings(trailer), scope: .ownSegment)
/// ```
public struct ModelSegment<Embeddings: EmbeddingRows> {
  /// Consecutive inputs of one kind.
  public enum Part {
    /// Token ids: the model's own input embeddings.
    case tokens([Int32])
    /// Soft tokens: input embeddings `[count, width]`.
    case embeddings(Embeddings)

    /// The number of slots that the part takes.
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

  /// An ordinary causal segment of tokens.
  public init(tokens: [Int32], scope: CacheSegment.Scope = .everything, position: Int? = nil) {
    self.init(.tokens(tokens), scope: scope, position: position)
  }

  /// The number of slots that the segment takes.
  public var count: Int { parts.reduce(0) { $0 + $1.count } }
}

extension ModelSegment: Sendable where Embeddings: Sendable {}
extension ModelSegment.Part: Sendable where Embeddings: Sendable {}

/// Input of ``LlamaModel``.
public typealias InputSegment = ModelSegment<Tensor>
/// Input of ``DifferentiableModel``: soft tokens are variables, and gradients flow to them.
public typealias TrainingSegment = ModelSegment<Variable>

/// Rows of input embeddings `[count, width]`.
public protocol EmbeddingRows {
  /// Rows and columns.
  var shape: [Int] { get }
}

extension Tensor: EmbeddingRows {}
extension Variable: EmbeddingRows {}
