import Foundation
import TinyNN
import TinyTensor

/// A small Llama whose weights are all trained, from scratch, in plain autograd operations.
///
/// ``DifferentiableModel`` trains what is added to a frozen model of any size; this type makes models of some million weights.
///
/// ```swift
/// let model = try TrainableLlama(config, seed: 1)
/// let losses = try LlamaTrainer(steps: 500).train(model, on: tokens)
/// try model.write(to: url, type: .q8_0, metadata: tokenizerMetadata)
/// ```
public final class TrainableLlama {
  /// The shape.
  public let config: LlamaConfig
  private let weights: [LlamaTensor: Variable]
  private let rotary: RotaryEmbedding

  /// A model with random weights, normal with standard deviation 1/√inputs, and half of that before the residual stream.
  ///
  /// - Throws: ``LanguageModelError`` for a shape that is impossible or has parts which are not trained here.
  public init(_ config: LlamaConfig, seed: UInt64) throws(LanguageModelError) {
    if let flaw = config.flaw { throw LanguageModelError(.unsupported, "the model's \(flaw.property) \(flaw.problem)") }
    guard config.tiedEmbedding, !config.qkvBias, config.headSize.isMultiple(of: 8) else {
      throw LanguageModelError(
        .unsupported, "only models with tied embeddings, without biases, with heads of 8·n elements are trained here")
    }
    self.config = config
    rotary = RotaryEmbedding(config)
    var weights: [LlamaTensor: Variable] = [:]
    for tensor in LlamaTensor.all(in: config) {
      weights[tensor] = Variable(Self.initial(tensor, config, seed), requiresGradient: true, name: tensor.name)
    }
    self.weights = weights
  }

  private static func initial(_ tensor: LlamaTensor, _ config: LlamaConfig, _ seed: UInt64) -> Tensor {
    let shape = tensor.shape(in: config)
    var random = Philox(seed: seed, stream: tensor.name)
    var deviation = 1 / Float(shape.columns).squareRoot()
    switch tensor {
    case .outputNorm, .attentionNorm, .feedForwardNorm: return Tensor(repeating: 1, shape: [shape.columns])
    case .tokenEmbedding: deviation = 0.04
    case .attentionOutput, .down: deviation /= 2
    default: break
    }
    return .normal([shape.rows, shape.columns], standardDeviation: deviation, using: &random)
  }

  /// All weights, in the order of ``LlamaTensor/all(in:)``.
  public var parameters: [Variable] { LlamaTensor.all(in: config).map(self.callAsFunction) }

  /// The weights of a tensor.
  public func callAsFunction(_ tensor: LlamaTensor) -> Variable {
    guard let variable = weights[tensor] else { preconditionFailure("\(tensor.name) is no tensor of this model") }
    return variable
  }

  /// The logits of all tokens, `[sequences · length, vocabulary]`.
  ///
  /// - Parameter sequences: token ids, all sequences of one length of at most the context.
  public func logits(_ sequences: [[Int32]]) -> Variable {
    let length = sequences.first?.count ?? 0
    precondition(
      length > 0 && length <= config.context && sequences.allSatisfy { $0.count == length },
      "sequences must have one length in 1...\(config.context)")
    let positions = (0..<sequences.count * length).map { Int32($0 % length) }
    let turn = Rotation(rotary, positions: positions)
    var hidden = embedding(self(.tokenEmbedding), sequences.flatMap { $0.map(Int.init) })
    for layer in 0..<config.layers {
      hidden = hidden + attended(hidden, layer, turn, sequences: sequences.count)
      let normed = normalized(hidden, .feedForwardNorm(layer: layer))
      let inner =
        silu(linear(normed, weight: self(.gate(layer: layer)))) * linear(normed, weight: self(.up(layer: layer)))
      hidden = hidden + linear(inner, weight: self(.down(layer: layer)))
    }
    return linear(normalized(hidden, .outputNorm), weight: self(.tokenEmbedding))
  }

  private func attended(_ hidden: Variable, _ layer: Int, _ turn: Rotation, sequences: Int) -> Variable {
    let normed = normalized(hidden, .attentionNorm(layer: layer))
    let width = config.heads * config.headSize
    func batched(_ x: Variable) -> Variable { x.reshaped([sequences, -1, width]) }
    let queries = turn.apply(linear(normed, weight: self(.query(layer: layer))), heads: config.heads)
    let keys = turn.apply(linear(normed, weight: self(.key(layer: layer))), heads: config.kvHeads)
    let values = linear(normed, weight: self(.value(layer: layer)))
    let mixed = attention(
      query: batched(queries), key: batched(repeatedHeads(keys)), value: batched(repeatedHeads(values)),
      heads: config.heads, causal: true)
    return linear(mixed.reshaped([-1, width]), weight: self(.attentionOutput(layer: layer)))
  }

  private func normalized(_ x: Variable, _ norm: LlamaTensor) -> Variable {
    rmsNorm(x, weight: self(norm), epsilon: config.rmsEpsilon)
  }

  /// Every key/value head once per query head that reads it.
  private func repeatedHeads(_ x: Variable) -> Variable {
    if config.heads == config.kvHeads { return x }
    let size = config.headSize
    let heads = (0..<config.kvHeads).map { x.lastDimensionSlice($0 * size..<($0 + 1) * size) }
    return concat((0..<config.heads).map { heads[$0 * config.kvHeads / config.heads] })
  }

  /// Writes the model as a GGUF file: matrices in `type`, norms in F32.
  ///
  /// - Throws: ``QuantizationError``, ``ModelFileError`` or `FileError`.
  public func write(to url: URL, type: TensorType, metadata: ModelMetadata = ModelMetadata()) throws {
    var writer = GGUFWriter(metadata: metadata)
    try writer.setConfig(config)
    for tensor in LlamaTensor.all(in: config) {
      let weights = self(tensor).value
      try writer.add(tensor, weights, as: weights.rank == 1 ? .f32 : type)
    }
    try writer.write(to: url)
  }
}

/// Rotary position embedding as a differentiable operation: the gradient is turned back.
private struct Rotation {
  private let forward: RotaryTable
  private let backward: RotaryTable

  init(_ rotary: RotaryEmbedding, positions: [Int32]) {
    forward = RotaryTable(rotary, positions: positions)
    backward = RotaryTable(rotary, positions: positions.map { -$0 })
  }

  func apply(_ x: Variable, heads: Int) -> Variable {
    let backward = backward
    return .custom("rotary", inputs: [x], value: Self.turned(x.value, by: forward, heads: heads)) { gradient, _ in
      [Self.turned(gradient, by: backward, heads: heads)]
    }
  }

  private static func turned(_ x: Tensor, by table: RotaryTable, heads: Int) -> Tensor {
    var result = x
    Rows.with(&result) { table.rotate($0, heads: heads) }
    return result
  }
}
