/// The shape of a Llama-family transformer.
public struct LlamaConfig: Sendable, Hashable, Codable {
  /// The family as the file names it: `"llama"`, `"mistral"` or `"qwen2"`.
  public var architecture: String
  /// The model's name for people; may be empty.
  public var name: String
  /// The number of transformer blocks.
  public var layers: Int
  /// The width d of the residual stream.
  public var width: Int
  /// The number of query heads, a multiple of ``kvHeads``.
  public var heads: Int
  /// The number of key/value heads.
  public var kvHeads: Int
  /// The width of one head, even.
  public var headSize: Int
  /// The inner width of the feed-forward network.
  public var feedForward: Int
  /// The number of token ids.
  public var vocabulary: Int
  /// The number of positions that the model was trained for.
  public var context: Int
  /// The ε of RMSNorm.
  public var rmsEpsilon: Float
  /// The base θ of rotary position embedding: pair i of a head turns by position · θ^(−2i / headSize).
  public var ropeBase: Float
  /// Which coordinates rotary position embedding pairs.
  public var ropePairing: RopePairing
  /// Divisors of the frequency of each of the headSize / 2 pairs (context extension by linear or Llama-3 scaling); nil
  /// for plain RoPE.
  public var ropeFrequencyFactors: [Float]?
  /// Whether the output head is the embedding table.
  public var tiedEmbedding: Bool
  /// Whether the query, key and value projections have biases.
  public var qkvBias: Bool
  /// The number of positions that a token attends to, where the model limits it (Mistral 7B v0.1).
  public var slidingWindow: Int?

  /// Creates a configuration.
  public init(
    architecture: String = "llama", name: String = "", layers: Int, width: Int, heads: Int, kvHeads: Int,
    headSize: Int? = nil, feedForward: Int, vocabulary: Int, context: Int, rmsEpsilon: Float = 1e-5,
    ropeBase: Float = 10_000, ropePairing: RopePairing = .interleaved, ropeFrequencyFactors: [Float]? = nil,
    tiedEmbedding: Bool = true, qkvBias: Bool = false, slidingWindow: Int? = nil
  ) {
    self.architecture = architecture
    self.name = name
    self.layers = layers
    self.width = width
    self.heads = heads
    self.kvHeads = kvHeads
    self.headSize = headSize ?? width / max(heads, 1)
    self.feedForward = feedForward
    self.vocabulary = vocabulary
    self.context = context
    self.rmsEpsilon = rmsEpsilon
    self.ropeBase = ropeBase
    self.ropePairing = ropePairing
    self.ropeFrequencyFactors = ropeFrequencyFactors
    self.tiedEmbedding = tiedEmbedding
    self.qkvBias = qkvBias
    self.slidingWindow = slidingWindow
  }

  /// The number of weights.
  public var parameterCount: Int {
    LlamaTensor.all(in: self).reduce(0) { sum, tensor in
      let shape = tensor.shape(in: self)
      return sum + shape.rows * shape.columns
    }
  }

  /// The first thing that makes the configuration impossible, as the name of the property and what is wrong with it.
  public var flaw: (property: String, problem: String)? {
    let limits: [(String, Int, ClosedRange<Int>)] = [
      ("layers", layers, 1...4096), ("width", width, 1...1 << 20), ("heads", heads, 1...1 << 16),
      ("kvHeads", kvHeads, 1...1 << 16), ("headSize", headSize, 2...1 << 16), ("feedForward", feedForward, 1...1 << 24),
      ("vocabulary", vocabulary, 1...1 << 24), ("context", context, 1...1 << 31),
    ]
    for (property, value, range) in limits where !range.contains(value) {
      return (property, "must be \(range.lowerBound) to \(range.upperBound), got \(value)")
    }
    if !heads.isMultiple(of: kvHeads) { return ("heads", "\(heads) is no multiple of the \(kvHeads) key/value heads") }
    if !headSize.isMultiple(of: 2) { return ("headSize", "must be even, got \(headSize)") }
    if !(rmsEpsilon > 0 && rmsEpsilon < 1) { return ("rmsEpsilon", "must be between 0 and 1, got \(rmsEpsilon)") }
    if !(ropeBase > 1 && ropeBase.isFinite) { return ("ropeBase", "must be finite and above 1, got \(ropeBase)") }
    if let factors = ropeFrequencyFactors {
      if factors.count != headSize / 2 {
        return ("ropeFrequencyFactors", "must be \(headSize / 2) numbers, got \(factors.count)")
      }
      if !factors.allSatisfy({ $0 > 0 && $0.isFinite }) {
        return ("ropeFrequencyFactors", "must be positive and finite")
      }
    }
    if let slidingWindow, slidingWindow < 1 { return ("slidingWindow", "must be positive, got \(slidingWindow)") }
    return nil
  }
}
