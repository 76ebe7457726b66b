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

  /// The plans of a layer's operators, and which inputs they read in 8 bits.
  struct Plans: Sendable {
    let query, key, value, output, gate, up, down: LinearPlan
    let attentionReadsQuantized, outputReadsQuantized, feedForwardReadsQuantized, downReadsQuantized: Bool

    init(
      query: any LinearOperator, key: any LinearOperator, value: any LinearOperator, output: any LinearOperator,
      gate: any LinearOperator, up: any LinearOperator, down: any LinearOperator
    ) {
      self.query = LinearPlan(query)
      self.key = LinearPlan(key)
      self.value = LinearPlan(value)
      self.output = LinearPlan(output)
      self.gate = LinearPlan(gate)
      self.up = LinearPlan(up)
      self.down = LinearPlan(down)
      attentionReadsQuantized = self.query.readsQuantized || self.key.readsQuantized || self.value.readsQuantized
      outputReadsQuantized = self.output.readsQuantized
      feedForwardReadsQuantized = self.gate.readsQuantized || self.up.readsQuantized
      downReadsQuantized = self.down.readsQuantized
    }
  }

  init(
    attentionNorm: [Float], feedForwardNorm: [Float], biases: (query: [Float], key: [Float], value: [Float])?,
    linear: (LinearSite) throws -> any LinearOperator
  ) rethrows {
    self.attentionNorm = attentionNorm
    self.feedForwardNorm = feedForwardNorm
    query = try linear(.query)
    key = try linear(.key)
    value = try linear(.value)
    output = try linear(.output)
    gate = try linear(.gate)
    up = try linear(.up)
    down = try linear(.down)
    queryBias = biases?.query
    keyBias = biases?.key
    valueBias = biases?.value
    plans = Plans(query: query, key: key, value: value, output: output, gate: gate, up: up, down: down)
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
      plans = Plans(query: query, key: key, value: value, output: output, gate: gate, up: up, down: down)
    }
  }
}
