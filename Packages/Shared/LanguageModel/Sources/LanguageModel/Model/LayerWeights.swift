/// Everything a layer computes with.
struct LayerWeights: Sendable {
  var attentionNorm: [Float]
  var feedForwardNorm: [Float]
  var query: any LinearOperator
  var key: any LinearOperator
  var value: any LinearOperator
  var output: any LinearOperator
  var gate: any LinearOperator
  var up: any LinearOperator
  var down: any LinearOperator
  var queryBias: [Float]?
  var keyBias: [Float]?
  var valueBias: [Float]?
  /// The operators as the kernels execute them.
  private(set) var plans: Plans

  /// The plans of a layer's operators.
  struct Plans: Sendable {
    let query, key, value, output, gate, up, down: LinearPlan
    let attentionReadsQuantized, outputReadsQuantized, feedForwardReadsQuantized, downReadsQuantized: Bool
  }

  init(
    attentionNorm: [Float], feedForwardNorm: [Float], operators: [LinearSite: any LinearOperator],
    biases: (query: [Float], key: [Float], value: [Float])?, fallback: any LinearOperator
  ) {
    self.attentionNorm = attentionNorm
    self.feedForwardNorm = feedForwardNorm
    query = operators[.query] ?? fallback
    key = operators[.key] ?? fallback
    value = operators[.value] ?? fallback
    output = operators[.output] ?? fallback
    gate = operators[.gate] ?? fallback
    up = operators[.up] ?? fallback
    down = operators[.down] ?? fallback
    queryBias = biases?.query
    keyBias = biases?.key
    valueBias = biases?.value
    plans = Self.plans(query, key, value, output, gate, up, down)
  }

  subscript(_ site: LinearSite) -> any LinearOperator {
    get {
      switch site {
      case .query: query
      case .key: key
      case .value: value
      case .output: output
      case .gate: gate
      case .up: up
      case .down: down
      }
    }
    set {
      switch site {
      case .query: query = newValue
      case .key: key = newValue
      case .value: value = newValue
      case .output: output = newValue
      case .gate: gate = newValue
      case .up: up = newValue
      case .down: down = newValue
      }
      plans = Self.plans(query, key, value, output, gate, up, down)
    }
  }

  private static func plans(
    _ query: any LinearOperator, _ key: any LinearOperator, _ value: any LinearOperator, _ output: any LinearOperator,
    _ gate: any LinearOperator, _ up: any LinearOperator, _ down: any LinearOperator
  ) -> Plans {
    let q = LinearPlan(query)
    let k = LinearPlan(key)
    let v = LinearPlan(value)
    let o = LinearPlan(output)
    let g = LinearPlan(gate)
    let u = LinearPlan(up)
    let d = LinearPlan(down)
    return Plans(
      query: q, key: k, value: v, output: o, gate: g, up: u, down: d,
      attentionReadsQuantized: q.readsQuantized || k.readsQuantized || v.readsQuantized,
      outputReadsQuantized: o.readsQuantized, feedForwardReadsQuantized: g.readsQuantized || u.readsQuantized,
      downReadsQuantized: d.readsQuantized)
  }
}
