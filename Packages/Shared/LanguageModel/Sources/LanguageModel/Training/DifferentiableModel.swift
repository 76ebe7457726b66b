import TinyNN
import TinyTensor

/// The model as a differentiable function: weights are frozen, gradients flow to soft tokens and to trainable linear maps.
///
/// ```swift
/// let trainer = DifferentiableModel(model)
/// let soft = Variable(.normal([8, model.config.width], standardDeviation: 0.1, using: &generator), requiresGradient: true)
/// let logits = try trainer.logits([TrainingSegment(.embeddings(soft), .tokens(text))], rows: answerRows)
/// klDivergence(student: logits, teacher: teacherLogits).backward()      // soft.gradient
/// ```
///
/// The forward pass runs the kernels of inference, as the model's ``ModelOptions/numerics`` say: logits are bit for bit those of a
/// float32 cache. Gradients are computed in floats with weights that are unpacked tile by tile, so there is no float copy of the model;
/// rounding to 8 bits counts as the identity.
public struct DifferentiableModel {
  /// The frozen model.
  public let model: LlamaModel
  /// Linear maps that are trained, by address.
  public var trainables: [LinearAddress: TrainableLinear]
  /// Whether the activations inside a layer are computed again in the backward pass instead of being kept: less memory
  /// (`2 · width` instead of about `6 · width + 3 · feedForward` floats per token and layer), a third more work.
  public var checkpointing: Bool

  /// A differentiable view of a model.
  public init(
    _ model: LlamaModel, trainables: [LinearAddress: TrainableLinear] = [:], checkpointing: Bool = false
  ) {
    self.model = model
    self.trainables = trainables
    self.checkpointing = checkpointing
  }

  /// All trainable parameters, each once, in the order of layers and sites.
  public var parameters: [Variable] {
    var seen: Set<ObjectIdentifier> = []
    return (0..<model.config.layers).flatMap { layer in
      LinearSite.allCases.flatMap { trainables[LinearAddress(layer: layer, site: $0)]?.variables ?? [] }
    }.filter { seen.insert(ObjectIdentifier($0)).inserted }
  }

  /// The logits of some tokens, `[rows, vocabulary]`.
  ///
  /// - Parameters:
  ///   - segments: the inputs, laid out like in ``LlamaModel/forward(_:cache:logits:hooks:)-(_,_,LogitsRequest,_)``.
  ///   - context: frozen slots before them.
  ///   - rows: the tokens whose logits are wanted, counted through all segments; `nil` means all.
  /// - Throws: ``LanguageModelError``.
  public func logits(
    _ segments: [TrainingSegment], context: KVCache? = nil, rows: [Int]? = nil
  ) throws(LanguageModelError) -> Variable {
    let hidden = try hidden(segments, context: context)
    let rows = rows ?? Array(0..<hidden.shape[0])
    guard rows.allSatisfy({ $0 >= 0 && $0 < hidden.shape[0] }) else {
      throw LanguageModelError(.invalidArgument, "logits were requested for rows outside of 0..<\(hidden.shape[0])")
    }
    return head(hidden, rows)
  }

  /// The residual stream behind the last layer, `[tokens, width]`, before the final norm.
  ///
  /// - Throws: ``LanguageModelError``.
  public func hidden(
    _ segments: [TrainingSegment], context: KVCache? = nil
  ) throws(LanguageModelError) -> Variable {
    if let context { try model.requireOwn(context) }
    let count = segments.reduce(0) { $0 + $1.count }
    let before = context?.count ?? 0
    guard count > 0, before + count <= model.contextLimit else {
      throw LanguageModelError(
        .contextOverflow, "\(before) frozen and \(count) new tokens do not fit in 1...\(model.contextLimit)")
    }
    try LlamaModel.requireValidPositions(segments.map { ($0.position, $0.count) }, after: context?.nextPosition ?? 0)
    let (positions, visibility) = layout(segments, context)
    let rotary = RotaryTable(model.identity.rotary, positions: positions)
    let inverse = RotaryTable(model.identity.rotary, positions: positions.map { -$0 })
    var hidden = try embeddings(segments)
    for layer in 0..<model.config.layers where !model.skippedLayers.contains(layer) {
      let sites = LinearSite.allCases.compactMap { site in
        trainables[LinearAddress(layer: layer, site: site)].map { (site, $0) }
      }
      let width = model.config.kvHeads * model.config.headSize
      let gradient = LayerGradient(
        model: model, layer: layer, trainables: Dictionary(uniqueKeysWithValues: sites), visibility: visibility,
        rotary: rotary, inverseRotary: inverse,
        context: context.map {
          (
            $0.keys(layer: layer, as: .rotated).reshaped([before, width]),
            $0.values(layer: layer).reshaped([before, width])
          )
        })
      hidden = apply(gradient, hidden)
    }
    return hidden
  }

  /// One layer as a node of the graph.
  private func apply(_ layer: LayerGradient, _ hidden: Variable) -> Variable {
    let inputs = [hidden] + layer.sites.flatMap { layer.trainables[$0]?.variables ?? [] }
    let input = hidden.value
    let (output, saved) = layer.forward(input)
    let kept = checkpointing ? nil : saved
    return .custom("layer \(layer.layer)", inputs: inputs, value: output) { gradient, _ in
      let result = layer.backward(gradient, kept ?? layer.forward(input).saved)
      return [result.hidden] + result.parameters
    }
  }

  /// Final norm and output head.
  private func head(_ hidden: Variable, _ rows: [Int]) -> Variable {
    let model = self.model
    let input = hidden.value
    let chosen = input.gatheredRows(rows)
    return .custom("output head", inputs: [hidden], value: model.logits(chosen)) { gradient, _ in
      let dNormed = TransposedProduct.gradient(gradient, model.head)
      let dChosen = GradientKernels.rmsNorm(
        dNormed, x: chosen, weight: model.outputNorm, epsilon: model.config.rmsEpsilon)
      var dHidden = Tensor(zeros: input.shape)
      let width = input.shape[1]
      dHidden.withUnsafeMutableBufferPointer { target in
        dChosen.withUnsafeBufferPointer { source in
          for (index, row) in rows.enumerated() {
            for column in 0..<width { target[row * width + column] += source[index * width + column] }
          }
        }
      }
      return [dHidden]
    }
  }

  private func embeddings(_ segments: [TrainingSegment]) throws(LanguageModelError) -> Variable {
    var parts: [Variable] = []
    for part in segments.flatMap(\.parts) where part.count > 0 {
      switch part {
      case .tokens(let tokens): parts.append(Variable(try model.embed(tokens)))
      case .embeddings(let rows):
        guard rows.shape.count == 2, rows.shape[1] == model.config.width else {
          throw LanguageModelError(
            .invalidArgument, "embeddings of shape \(rows.shape) do not fit a model of width \(model.config.width)")
        }
        parts.append(rows)
      }
    }
    return parts.count == 1 ? parts[0] : concatFirst(parts)
  }

  private func layout(_ segments: [TrainingSegment], _ context: KVCache?) -> ([Int32], [Visibility]) {
    var positions: [Int32] = []
    var visibility: [Visibility] = []
    var slot = context?.count ?? 0
    var next = context?.nextPosition ?? 0
    for segment in segments {
      let start = slot
      if let position = segment.position, segment.count > 0 { next = position }
      for _ in 0..<segment.count {
        positions.append(Int32(next))
        visibility.append(
          segment.scope == .everything ? .causal(slot: slot) : Visibility(prefix: 0, start: start, end: slot + 1))
        slot += 1
        next += 1
      }
    }
    return (positions, visibility)
  }
}
