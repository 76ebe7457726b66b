import TinyTensor

/// A Llama-family transformer whose weights, layers and caches can be read, replaced and moved.
///
/// ```swift
/// let file = try ModelFile(contentsOf: url)
/// let model = try LlamaModel(file)
/// let tokens = try file.tokenizer().encode("The capital of France is")
/// var cache = model.makeCache()
/// let logits = try model.forward(tokens, cache: &cache)          // [1, vocabulary]
/// let next = logits.argmaxRows()[0]
/// ```
///
/// A model is immutable and can be used from several threads at a time; what changes is in the caches.
public final class LlamaModel: Sendable {
  /// The model's shape.
  public let config: LlamaConfig
  /// What the model's caches are marked with.
  public let identity: ModelIdentity
  /// How the model computes.
  public let options: ModelOptions
  /// Layers that are left out of the forward pass.
  public let skippedLayers: Set<Int>

  let layers: [LayerWeights]
  let embedding: PackedMatrix
  let head: PackedMatrix
  let outputNorm: [Float]

  /// Loads a model: checks the tensors and packs the weights for the kernels, in their own precision.
  ///
  /// - Throws: ``ModelFileError`` for a missing or misshapen tensor, ``LanguageModelError`` for an unsupported architecture.
  public convenience init(_ file: ModelFile, options: ModelOptions = ModelOptions()) throws {
    var loader = LinearLoader(file)
    try self.init(
      config: file.config, fingerprint: file.fingerprint, options: options, tensor: { try file.tensor($0) },
      linear: { try loader.linear($0) })
  }

  /// Builds a model from tensors in memory.
  ///
  /// - Parameters:
  ///   - config: the shape.
  ///   - fingerprint: names the weights: equal fingerprints mean equal weights.
  ///   - options: how to compute.
  ///   - tensor: gives each tensor that ``LlamaTensor/all(in:)`` lists.
  public convenience init(
    config: LlamaConfig, fingerprint: String, options: ModelOptions = ModelOptions(),
    tensor: (LlamaTensor) throws -> QuantizedMatrix
  ) throws {
    try self.init(
      config: config, fingerprint: fingerprint, options: options, tensor: tensor,
      linear: { address in
        DenseLinear(
          try tensor(address.site.tensor(layer: address.layer)),
          identifier: "\(address.layer).\(address.site.rawValue)")
      })
  }

  /// Builds a model from vectors and embeddings that `tensor` gives and linear maps that `linear` gives.
  private init(
    config: LlamaConfig, fingerprint: String, options: ModelOptions, tensor: (LlamaTensor) throws -> QuantizedMatrix,
    linear: (LinearAddress) throws -> any LinearOperator
  ) throws {
    try Self.check(config)
    self.config = config
    self.options = options
    skippedLayers = []
    identity = ModelIdentity(
      hash: fingerprint, layers: config.layers, kvHeads: config.kvHeads, headSize: config.headSize,
      rotary: RotaryEmbedding(config))
    func vector(_ name: LlamaTensor) throws -> [Float] { try tensor(name).dequantizedRow(0) }
    embedding = PackedMatrix(try tensor(.tokenEmbedding))
    head = config.tiedEmbedding ? embedding : PackedMatrix(try tensor(.output))
    outputNorm = try vector(.outputNorm)
    layers = try (0..<config.layers).map { layer in
      let biases =
        config.qkvBias
        ? (
          query: try vector(.queryBias(layer: layer)), key: try vector(.keyBias(layer: layer)),
          value: try vector(.valueBias(layer: layer))
        ) : nil
      return try LayerWeights(
        attentionNorm: vector(.attentionNorm(layer: layer)), feedForwardNorm: vector(.feedForwardNorm(layer: layer)),
        biases: biases
      ) { site in
        try linear(LinearAddress(layer: layer, site: site))
      }
    }
  }

  /// A variant that shares everything that is not named.
  init(
    _ model: LlamaModel, layers: [LayerWeights]? = nil, hash: String? = nil, options: ModelOptions? = nil,
    skipping: Set<Int>? = nil
  ) {
    config = model.config
    self.options = options ?? model.options
    skippedLayers = skipping ?? model.skippedLayers
    var identity = model.identity
    identity.hash = hash ?? model.identity.hash
    self.identity = identity
    self.layers = layers ?? model.layers
    embedding = model.embedding
    head = model.head
    outputNorm = model.outputNorm
  }

  private static func check(_ config: LlamaConfig) throws(LanguageModelError) {
    if let flaw = config.flaw {
      throw LanguageModelError(.unsupported, "the model's \(flaw.property) \(flaw.problem)")
    }
    guard config.headSize.isMultiple(of: 8) else {
      throw LanguageModelError(
        .unsupported, "heads of \(config.headSize) elements are not supported",
        remedy: "the head size must be a multiple of 8")
    }
  }

  /// The longest sequence this model accepts.
  public var contextLimit: Int { min(options.context ?? config.context, config.context) }

  /// Bytes of all packed weights.
  public var weightBytes: Int {
    var seen: Set<ObjectIdentifier> = []
    var bytes = 0
    func count(_ matrix: PackedMatrix) {
      if seen.insert(ObjectIdentifier(matrix)).inserted { bytes += matrix.byteCount }
    }
    count(embedding)
    count(head)
    for layer in layers {
      for site in LinearSite.allCases {
        switch LinearPlan(layer[site]) {
        case .packed(let matrix): count(matrix)
        case .factored(let basis, let coefficients): [basis, coefficients].forEach(count)
        case .adapted(let base, let down, let up, _): [base, down, up].forEach(count)
        case .custom: break
        }
      }
    }
    return bytes
  }

  /// An empty cache for this model.
  public func makeCache(precision: CachePrecision? = nil, keyStorage: KeyStorage? = nil) -> KVCache {
    KVCache(
      model: identity,
      precision: precision ?? options.cachePrecision ?? (options.numerics == .exact ? .float32 : .float16),
      keyStorage: keyStorage ?? options.keyStorage)
  }

  /// The input embeddings of tokens, `[tokens, width]`.
  ///
  /// - Throws: ``LanguageModelError`` for a token outside of the vocabulary.
  public func embed(_ tokens: [Int32]) throws(LanguageModelError) -> Tensor {
    try requireValid(tokens)
    var result = Tensor(uninitialized: [tokens.count, config.width])
    result.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for (row, token) in tokens.enumerated() { embedding.unpackRow(Int(token), into: base + row * config.width) }
    }
    return result
  }

  func requireValid(_ tokens: [Int32]) throws(LanguageModelError) {
    for (index, token) in tokens.enumerated() where token < 0 || Int(token) >= config.vocabulary {
      throw LanguageModelError(
        .invalidToken, "token \(token) at index \(index) is not in the vocabulary 0..<\(config.vocabulary)",
        remedy: "use the tokenizer of this model; give soft tokens as embeddings")
    }
  }

  func requireOwn(_ cache: KVCache) throws(LanguageModelError) {
    guard cache.model == identity else {
      throw LanguageModelError(
        .foreignCache, "a cache of model \(cache.model) was given to model \(identity)",
        remedy: "make caches with makeCache() of the model that uses them")
    }
  }
}
