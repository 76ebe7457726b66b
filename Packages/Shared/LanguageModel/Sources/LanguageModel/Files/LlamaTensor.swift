/// The tensors of a Llama-family model: their names in GGUF files and in safetensors folders, and their shapes.
public enum LlamaTensor: Sendable, Hashable {
  /// The embedding table `[vocabulary, width]`; also the output head of models with tied embeddings.
  case tokenEmbedding
  /// The scale of the last RMSNorm, `[width]`.
  case outputNorm
  /// The output head `[vocabulary, width]`, unless it is tied to the embedding.
  case output
  /// The scale of the RMSNorm before attention, `[width]`.
  case attentionNorm(layer: Int)
  /// The query projection `[heads · headSize, width]`.
  case query(layer: Int)
  /// The key projection `[kvHeads · headSize, width]`.
  case key(layer: Int)
  /// The value projection `[kvHeads · headSize, width]`.
  case value(layer: Int)
  /// The output projection of attention `[width, heads · headSize]`.
  case attentionOutput(layer: Int)
  /// The bias of the query projection (Qwen2).
  case queryBias(layer: Int)
  /// The bias of the key projection (Qwen2).
  case keyBias(layer: Int)
  /// The bias of the value projection (Qwen2).
  case valueBias(layer: Int)
  /// The scale of the RMSNorm before the feed-forward network, `[width]`.
  case feedForwardNorm(layer: Int)
  /// The gate of SwiGLU `[feedForward, width]`.
  case gate(layer: Int)
  /// The up projection of SwiGLU `[feedForward, width]`.
  case up(layer: Int)
  /// The down projection of SwiGLU `[width, feedForward]`.
  case down(layer: Int)

  /// The name in GGUF files, which ``ModelFile`` uses for both formats.
  public var name: String {
    switch self {
    case .tokenEmbedding: "token_embd.weight"
    case .outputNorm: "output_norm.weight"
    case .output: "output.weight"
    case .attentionNorm(let layer): "blk.\(layer).attn_norm.weight"
    case .query(let layer): "blk.\(layer).attn_q.weight"
    case .key(let layer): "blk.\(layer).attn_k.weight"
    case .value(let layer): "blk.\(layer).attn_v.weight"
    case .attentionOutput(let layer): "blk.\(layer).attn_output.weight"
    case .queryBias(let layer): "blk.\(layer).attn_q.bias"
    case .keyBias(let layer): "blk.\(layer).attn_k.bias"
    case .valueBias(let layer): "blk.\(layer).attn_v.bias"
    case .feedForwardNorm(let layer): "blk.\(layer).ffn_norm.weight"
    case .gate(let layer): "blk.\(layer).ffn_gate.weight"
    case .up(let layer): "blk.\(layer).ffn_up.weight"
    case .down(let layer): "blk.\(layer).ffn_down.weight"
    }
  }

  /// The name in checkpoints of the Hugging Face library.
  public var huggingFaceName: String {
    switch self {
    case .tokenEmbedding: "model.embed_tokens.weight"
    case .outputNorm: "model.norm.weight"
    case .output: "lm_head.weight"
    case .attentionNorm(let layer): "model.layers.\(layer).input_layernorm.weight"
    case .query(let layer): "model.layers.\(layer).self_attn.q_proj.weight"
    case .key(let layer): "model.layers.\(layer).self_attn.k_proj.weight"
    case .value(let layer): "model.layers.\(layer).self_attn.v_proj.weight"
    case .attentionOutput(let layer): "model.layers.\(layer).self_attn.o_proj.weight"
    case .queryBias(let layer): "model.layers.\(layer).self_attn.q_proj.bias"
    case .keyBias(let layer): "model.layers.\(layer).self_attn.k_proj.bias"
    case .valueBias(let layer): "model.layers.\(layer).self_attn.v_proj.bias"
    case .feedForwardNorm(let layer): "model.layers.\(layer).post_attention_layernorm.weight"
    case .gate(let layer): "model.layers.\(layer).mlp.gate_proj.weight"
    case .up(let layer): "model.layers.\(layer).mlp.up_proj.weight"
    case .down(let layer): "model.layers.\(layer).mlp.down_proj.weight"
    }
  }

  /// The shape in a model of the given configuration; vectors have one row.
  public func shape(in config: LlamaConfig) -> (rows: Int, columns: Int) {
    let queries = config.heads * config.headSize
    let keys = config.kvHeads * config.headSize
    return switch self {
    case .tokenEmbedding, .output: (config.vocabulary, config.width)
    case .outputNorm, .attentionNorm, .feedForwardNorm: (1, config.width)
    case .query: (queries, config.width)
    case .key, .value: (keys, config.width)
    case .attentionOutput: (config.width, queries)
    case .queryBias: (1, queries)
    case .keyBias, .valueBias: (1, keys)
    case .gate, .up: (config.feedForward, config.width)
    case .down: (config.width, config.feedForward)
    }
  }

  /// All tensors that a model of the given configuration has.
  public static func all(in config: LlamaConfig) -> [LlamaTensor] {
    var tensors: [LlamaTensor] = [.tokenEmbedding, .outputNorm]
    if !config.tiedEmbedding { tensors.append(.output) }
    for layer in 0..<config.layers { tensors += all(inLayer: layer, qkvBias: config.qkvBias) }
    return tensors
  }

  /// All tensors of one layer.
  public static func all(inLayer layer: Int, qkvBias: Bool) -> [LlamaTensor] {
    let biases: [LlamaTensor] = [.queryBias(layer: layer), .keyBias(layer: layer), .valueBias(layer: layer)]
    return [
      .attentionNorm(layer: layer), .query(layer: layer), .key(layer: layer), .value(layer: layer),
      .attentionOutput(layer: layer), .feedForwardNorm(layer: layer), .gate(layer: layer), .up(layer: layer),
      .down(layer: layer),
    ] + (qkvBias ? biases : [])
  }
}
