import TinyNN
import TinyTensor

/// Forward and backward of one transformer layer with frozen norms and frozen or trainable linear maps.
struct LayerGradient {
  let model: LlamaModel
  let layer: Int
  let trainables: [LinearSite: TrainableLinear]
  let visibility: [Visibility]
  let rotary: RotaryTable
  /// The same with opposite angles.
  let inverseRotary: RotaryTable
  /// Rotated keys and values of frozen slots before the first token, `[slots, kvHeads · headSize]`.
  let context: (keys: Tensor, values: Tensor)?

  /// What the backward pass reads.
  struct Activations {
    var hidden, normed, queries, keys, values, attended, middle, normedMiddle, gate, up, product: Tensor
    var inner: [LinearSite: Tensor]
  }

  /// The trainable sites in a fixed order.
  var sites: [LinearSite] { LinearSite.allCases.filter { trainables[$0] != nil } }

  private var config: LlamaConfig { model.config }
  private var weights: LayerWeights { model.layers[layer] }

  private func linear(_ site: LinearSite) -> LinearGradient {
    LinearGradient(frozen: weights[site], trainable: trainables[site], numerics: model.options.numerics)
  }

  private var attentionGradient: AttentionGradient {
    AttentionGradient(
      heads: config.heads, kvHeads: config.kvHeads, headSize: config.headSize, visibility: visibility)
  }

  /// The residual stream behind the layer, and what the backward pass needs.
  func forward(_ hidden: Tensor) -> (output: Tensor, saved: Activations) {
    var inner: [LinearSite: Tensor] = [:]
    func apply(_ site: LinearSite, _ x: Tensor) -> Tensor {
      let result = linear(site).forward(x)
      inner[site] = result.inner
      return result.output
    }
    let normed = normalized(hidden, weights.attentionNorm)
    var queries = apply(.query, normed)
    var keys = apply(.key, normed)
    var values = apply(.value, normed)
    add(weights.queryBias, to: &queries)
    add(weights.keyBias, to: &keys)
    add(weights.valueBias, to: &values)
    rotate(&queries, rotary, heads: config.heads)
    rotate(&keys, rotary, heads: config.kvHeads)
    if let context {
      keys = .concatenatedFirst([context.keys, keys])
      values = .concatenatedFirst([context.values, values])
    }
    let attended = AttentionKernel.attend(
      queries: queries, keys: keys, values: values, config: config, rotary: model.identity.rotary,
      visibility: visibility)
    let middle = hidden + apply(.output, attended)
    let normedMiddle = normalized(middle, weights.feedForwardNorm)
    let gate = apply(.gate, normedMiddle)
    let up = apply(.up, normedMiddle)
    let product = swiGLU(gate, up)
    let output = middle + apply(.down, product)
    return (
      output,
      Activations(
        hidden: hidden, normed: normed, queries: queries, keys: keys, values: values, attended: attended,
        middle: middle, normedMiddle: normedMiddle, gate: gate, up: up, product: product, inner: inner)
    )
  }

  /// Gradients of the residual stream before the layer and of the trainable parameters (sites and their variables in order).
  func backward(_ dOutput: Tensor, _ saved: Activations) -> (hidden: Tensor, parameters: [Tensor]) {
    var parameters: [LinearSite: [Tensor]] = [:]
    func back(_ site: LinearSite, _ dy: Tensor, _ x: Tensor) -> Tensor {
      let result = linear(site).backward(dy, x: x, inner: saved.inner[site])
      parameters[site] = result.parameters
      return result.input
    }
    let dProduct = back(.down, dOutput, saved.product)
    let (dGate, dUp) = GradientKernels.swiGLU(dProduct, gate: saved.gate, up: saved.up)
    let dNormedMiddle = back(.gate, dGate, saved.normedMiddle) + back(.up, dUp, saved.normedMiddle)
    let dMiddle =
      dOutput
      + GradientKernels.rmsNorm(
        dNormedMiddle, x: saved.middle, weight: weights.feedForwardNorm, epsilon: config.rmsEpsilon)
    let dAttended = back(.output, dMiddle, saved.attended)
    var (dQueries, dKeys, dValues) = attentionGradient.backward(
      dAttended, queries: saved.queries, keys: saved.keys, values: saved.values)
    if let context {
      let own = context.keys.shape[0]..<saved.keys.shape[0]
      dKeys = dKeys.slice(own)
      dValues = dValues.slice(own)
    }
    rotate(&dQueries, inverseRotary, heads: config.heads)
    rotate(&dKeys, inverseRotary, heads: config.kvHeads)
    let dNormed =
      back(.query, dQueries, saved.normed) + back(.key, dKeys, saved.normed) + back(.value, dValues, saved.normed)
    let dHidden =
      dMiddle
      + GradientKernels.rmsNorm(
        dNormed, x: saved.hidden, weight: weights.attentionNorm, epsilon: config.rmsEpsilon)
    return (dHidden, sites.flatMap { parameters[$0] ?? [] })
  }

  // MARK: Parts

  private func normalized(_ x: Tensor, _ weight: [Float]) -> Tensor {
    Self.changed(x) { rows in
      RowKernels.rmsNorm(rows, weight: weight, epsilon: config.rmsEpsilon, output: rows, quantized: nil)
    }
  }

  private func swiGLU(_ gate: Tensor, _ up: Tensor) -> Tensor {
    var up = up
    return Self.changed(gate) { gate in
      Rows.with(&up) { RowKernels.swiGLU(gate: gate, up: $0, output: gate, quantized: nil) }
    }
  }

  private func add(_ bias: [Float]?, to x: inout Tensor) {
    guard let bias else { return }
    Rows.with(&x) { RowKernels.add(bias: bias, to: $0) }
  }

  private func rotate(_ x: inout Tensor, _ table: RotaryTable, heads: Int) {
    Rows.with(&x) { table.rotate($0, heads: heads) }
  }

  /// A copy of a matrix, changed in place by `body`.
  private static func changed(_ x: Tensor, _ body: (Rows) -> Void) -> Tensor {
    var result = x
    Rows.with(&result, body)
    return result
  }
}
