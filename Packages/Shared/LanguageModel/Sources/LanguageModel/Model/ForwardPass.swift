import TinyTensor

/// One pass of a batch through the layers, over scratch memory that it is lent.
///
/// The caches already have slots for all tokens of the batch, and their pages are writable.
struct ForwardPass {
  let model: LlamaModel
  let batch: ForwardBatch
  let caches: [KVCache]
  let hooks: ForwardHooks?

  private let hidden: Rows
  private let normed: Rows
  private let queries: Rows
  private let keys: Rows
  private let values: Rows
  private let attended: Rows
  private let gate: Rows
  private let up: Rows
  private let quantized: QuantizedBuffer
  private let rotary: RotaryTable
  private let attention: AttentionKernel
  private let sequences: [AttentionSequence]

  /// Scratch for quantised rows of any width up to the largest.
  private struct QuantizedBuffer {
    let base: UnsafeMutablePointer<Float>
    let count: Int
    let isUsed: Bool

    func rows(width: Int, wanted: Bool) -> QuantizedRows? {
      guard isUsed, wanted, width % PackedMatrix.blockColumns == 0 else { return nil }
      return QuantizedRows(scratch: base, count: count, width: width)
    }
  }

  /// Runs `body` with a pass for the batch.
  static func with<R>(
    _ model: LlamaModel, _ batch: ForwardBatch, _ caches: [KVCache], _ hooks: ForwardHooks?, _ body: (ForwardPass) -> R
  ) -> R {
    let config = model.config
    let rows = batch.count
    let queryWidth = config.heads * config.headSize
    let keyWidth = config.kvHeads * config.headSize
    let widest = max(config.width, max(queryWidth, config.feedForward))
    let floats = rows * (2 * config.width + 2 * queryWidth + 2 * keyWidth + 2 * config.feedForward)
    return withScratch(
      Float.self, count: floats + QuantizedRows.scratchFloats(count: rows, width: (widest + 31) / 32 * 32)
    ) { scratch in
      var next = scratch
      func take(_ width: Int) -> Rows {
        defer { next += rows * width }
        return Rows(next, count: rows, width: width)
      }
      return body(
        ForwardPass(
          model: model, batch: batch, caches: caches, hooks: hooks, hidden: take(config.width),
          normed: take(config.width), queries: take(queryWidth), keys: take(keyWidth), values: take(keyWidth),
          attended: take(queryWidth), gate: take(config.feedForward), up: take(config.feedForward),
          quantized: QuantizedBuffer(base: next, count: rows, isUsed: model.options.numerics == .fast),
          rotary: RotaryTable(model.identity.rotary, positions: batch.positions),
          attention: AttentionKernel(
            layout: caches[0].layout, heads: config.heads, rotary: model.identity.rotary,
            visibility: batch.visibility),
          sequences: zip(batch.sequences, caches).map { rows, cache in
            AttentionSequence(
              pages: cache.pages.map { UnsafeRawPointer($0.base) }, rows: rows, rotation: cache.rotationTable())
          }))
    }
  }

  /// Runs all layers from the input embeddings to the residual stream before the final norm.
  func run(embeddings: Tensor) -> Rows {
    hidden.fill(from: embeddings)
    editHidden(layer: -1)
    for layer in 0..<model.config.layers where !model.skippedLayers.contains(layer) {
      runAttention(layer)
      runFeedForward(layer)
      editHidden(layer: layer)
    }
    return hidden
  }

  /// Runs a single layer from the residual stream before it to the one behind it.
  func run(layer: Int, hidden input: Tensor) -> Rows {
    hidden.fill(from: input)
    runAttention(layer)
    runFeedForward(layer)
    return hidden
  }

  /// Queries of a layer, rotated, for the residual stream before it.
  func queries(layer: Int, hidden input: Tensor) -> Rows {
    hidden.fill(from: input)
    project(layer)
    return queries
  }

  private func project(_ layer: Int) {
    let weights = model.layers[layer]
    let plans = weights.plans
    let codes = quantized.rows(width: model.config.width, wanted: plans.attentionReadsQuantized)
    RowKernels.rmsNorm(
      hidden, weight: weights.attentionNorm, epsilon: model.config.rmsEpsilon, output: normed, quantized: codes)
    editInput(layer, .attention, normed, codes)
    LinearPass.run(
      [
        .init(plan: plans.query, output: queries), .init(plan: plans.key, output: keys),
        .init(plan: plans.value, output: values),
      ], input: normed, quantized: codes, numerics: model.options.numerics)
    if let bias = weights.queryBias { RowKernels.add(bias: bias, to: queries) }
    if let bias = weights.keyBias { RowKernels.add(bias: bias, to: keys) }
    if let bias = weights.valueBias { RowKernels.add(bias: bias, to: values) }
    rotary.rotate(queries, heads: model.config.heads)
  }

  private func runAttention(_ layer: Int) {
    project(layer)
    storeKeysAndValues(layer)
    attention.attend(layer: layer, sequences: sequences, queries: queries, output: attended)
    if let observe = hooks?.attention { observe(layer, attentionWeights(layer)) }
    let plans = model.layers[layer].plans
    let codes = quantized.rows(width: attended.width, wanted: plans.outputReadsQuantized)
    if let codes { RowKernels.quantize(attended, into: codes) }
    editInput(layer, .attentionOutput, attended, codes)
    LinearPass.run(
      [.init(plan: plans.output, output: normed)], input: attended, quantized: codes, numerics: model.options.numerics)
    RowKernels.add(normed, to: hidden)
  }

  private func storeKeysAndValues(_ layer: Int) {
    if caches[0].keyStorage == .rotated { rotary.rotate(keys, heads: model.config.kvHeads) }
    let layout = caches[0].layout
    for (rows, cache) in zip(batch.sequences, caches) {
      layout.store(
        keys: keys.rows(rows), values: values.rows(rows), layer: layer, slots: batch.slots[rows],
        pages: cache.pages)
    }
  }

  private func runFeedForward(_ layer: Int) {
    let weights = model.layers[layer]
    let plans = weights.plans
    let codes = quantized.rows(width: model.config.width, wanted: plans.feedForwardReadsQuantized)
    RowKernels.rmsNorm(
      hidden, weight: weights.feedForwardNorm, epsilon: model.config.rmsEpsilon, output: normed, quantized: codes)
    editInput(layer, .feedForward, normed, codes)
    LinearPass.run(
      [.init(plan: plans.gate, output: gate), .init(plan: plans.up, output: up)], input: normed, quantized: codes,
      numerics: model.options.numerics)
    let inner = quantized.rows(width: model.config.feedForward, wanted: plans.downReadsQuantized)
    RowKernels.swiGLU(gate: gate, up: up, output: gate, quantized: inner)
    editInput(layer, .down, gate, inner)
    LinearPass.run(
      [.init(plan: plans.down, output: normed)], input: gate, quantized: inner, numerics: model.options.numerics)
    RowKernels.add(normed, to: hidden)
  }

  /// Logits for some rows of the residual stream: final norm and output head, `[rows, vocabulary]`.
  func logits(_ rows: [Int]) -> Tensor { model.logits(hidden.tensor().gatheredRows(rows)) }

  // MARK: Hooks

  private func editInput(_ layer: Int, _ site: InputSite, _ rows: Rows, _ codes: QuantizedRows?) {
    guard let edit = hooks?.input else { return }
    var tensor = rows.tensor()
    edit(layer, site, &tensor)
    rows.fill(from: tensor)
    if let codes { RowKernels.quantize(rows, into: codes) }
  }

  private func editHidden(layer: Int) {
    guard let edit = hooks?.hidden else { return }
    var tensor = hidden.tensor()
    edit(layer, &tensor)
    hidden.fill(from: tensor)
  }

  /// The attention weights of a layer for the first sequence of the batch, computed plainly.
  private func attentionWeights(_ layer: Int) -> Tensor {
    let cache = caches[0]
    let rows = batch.sequences[0]
    let config = model.config
    let slots = batch.visibility[rows].reduce(0) { max($0, $1.limit) }
    let keys = cache.keys(layer: layer, slots: Array(0..<slots), as: .rotated)
    var scores = Tensor(repeating: -.infinity, shape: [config.heads, rows.count, slots])
    let scale = 1 / Float(config.headSize).squareRoot()
    for head in 0..<config.heads {
      for (line, row) in rows.enumerated() {
        for slot in 0..<slots where batch.visibility[row].sees(slot) {
          var sum: Float = 0
          for index in 0..<config.headSize {
            sum +=
              queries[row][head * config.headSize + index]
              * keys[slot, head * config.kvHeads / config.heads, index]
          }
          scores[head, line, slot] = sum * scale
        }
      }
    }
    return softmax(scores)
  }
}
