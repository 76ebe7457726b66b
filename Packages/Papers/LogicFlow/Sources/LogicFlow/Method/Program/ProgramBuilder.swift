import LogicFlowVerify

extension LogicProgram {
  /// The program of `network` with `flows` tested in order, then the remaining neurons, then the logits (specification 2.5).
  ///
  /// Without `tests` neurons are computed in the order in which the flows need them, but nothing is tested: what remains of a gain
  /// then is owed to the order, not to the flows.
  public init(
    name: String = "classify", network: IntegerNetwork, flows: [Flow] = [], schedule: ProgramSchedule = .plain,
    tests: Bool = true
  ) {
    var builder = ProgramBuilder(network, flows, schedule, tests: tests)
    builder.build()
    self.init(name: name, inputs: network.inputs, instructions: builder.instructions)
  }
}

/// Emits each neuron once, as soon as a test needs it.
private struct ProgramBuilder {
  private let network: IntegerNetwork
  private let flows: [Flow]
  private let schedule: ProgramSchedule
  private let tests: Bool
  private let relaxation: Relaxation
  private(set) var instructions: [Instruction] = []
  private var known: Set<Slot> = []
  private var marks: [Slot: [Rectification.Mark]] = [:]
  private var exits = 0

  init(_ network: IntegerNetwork, _ flows: [Flow], _ schedule: ProgramSchedule, tests: Bool) {
    self.network = network
    self.flows = flows
    self.schedule = schedule
    self.tests = tests
    relaxation = Relaxation(network, region: Region())
    guard tests else { return }
    for (index, flow) in flows.enumerated() {
      for (bit, literal) in flow.region.literals.enumerated() {
        let mark = Rectification.Mark(mask: .mask(flow: index, word: bit / 32), bit: bit % 32)
        marks[.output(layer: literal.layer, neuron: literal.neuron), default: []].append(mark)
      }
    }
  }

  mutating func build() {
    for (index, flow) in flows.enumerated() { addTest(index, flow) }
    schedule.fusesLogits ? addFusedLogits() : addLogits()
  }

  // MARK: - Flows

  private mutating func addTest(_ index: Int, _ flow: Flow) {
    let literals = flow.region.literals
    for layer in 0..<network.hiddenLayers {
      compute(layer, neurons(layer, for: literals))
    }
    guard tests else { return }
    var conditions = flow.region.bounds.flatMap { bound -> [Comparison] in
      let domain = network.input.range(bound.variable)
      return (bound.lower > domain.lowerBound ? [Comparison(.input(bound.variable), .atLeast, bound.lower)] : [])
        + (bound.upper < domain.upperBound ? [Comparison(.input(bound.variable), .atMost, bound.upper)] : [])
    }
    for word in 0..<(literals.count + 31) / 32 {
      var pattern: UInt32 = 0
      for (bit, literal) in literals[(word * 32)..<min(word * 32 + 32, literals.count)].enumerated()
      where literal.positive {
        pattern |= 1 << UInt32(bit)
      }
      conditions.append(Comparison(.mask(flow: index, word: word), .equal, Int(Int32(bitPattern: pattern))))
    }
    addExit(conditions, flow.outcome)
  }

  private mutating func addExit(_ conditions: [Comparison], _ outcome: Int) {
    instructions.append(.exit(conditions, outcome: outcome, exit: exits))
    exits += 1
  }

  /// Neurons of `layer` that some literal tests, or that a later neuron under test depends on.
  private func neurons(_ layer: Int, for literals: [Literal]) -> [Int] {
    var needed = Set(literals.lazy.filter { $0.layer == layer }.map(\.neuron))
    if layer + 1 < network.hiddenLayers {
      for later in neurons(layer + 1, for: literals) {
        for (index, weight) in network.layers[layer + 1].weights[later].enumerated() where weight != 0 {
          needed.insert(index)
        }
      }
    }
    return needed.sorted()
  }

  // MARK: - Neurons

  /// Neurons of `layer` that have a weight other than zero behind them.
  private func consumed(_ layer: Int) -> [Int] {
    let next = network.layers[layer + 1].weights
    return network.layers[layer].bias.indices.filter { neuron in next.contains { $0[neuron] != 0 } }
  }

  private func source(_ layer: Int, _ index: Int) -> Slot {
    layer == 0 ? .input(index) : .output(layer: layer - 1, neuron: index)
  }

  /// Computes those of `neurons` that are not known yet. The neurons before them must be known.
  private mutating func compute(_ layer: Int, _ neurons: [Int]) {
    let missing = neurons.filter { known.insert(.output(layer: layer, neuron: $0)).inserted }
    guard !missing.isEmpty else { return }
    switch schedule.order {
    case .inputStationary:
      addColumns(layer, missing)
      for neuron in missing { addRectification(layer, neuron) }
    case .outputStationary:
      for neuron in missing {
        addRow(layer, neuron)
        addRectification(layer, neuron)
      }
    }
  }

  /// Input by input.
  private mutating func addColumns(_ layer: Int, _ neurons: [Int]) {
    let weights = network.layers[layer].weights
    for neuron in neurons {
      instructions.append(.set(.sum(layer: layer, neuron: neuron), Int(network.layers[layer].bias[neuron])))
    }
    for index in weights[0].indices {
      let products = neurons.filter { weights[$0][index] != 0 }.map { neuron in
        Instruction.multiplyAdd(
          .sum(layer: layer, neuron: neuron), source(layer, index), weight: Int(weights[neuron][index]))
      }
      if schedule.skipsZeros, layer > 0, !products.isEmpty {
        instructions.append(.skip(Comparison(source(layer, index), .equal, 0), count: products.count))
      }
      instructions += products
    }
  }

  /// One neuron after the other.
  private mutating func addRow(_ layer: Int, _ neuron: Int) {
    let sum = Slot.sum(layer: layer, neuron: neuron)
    let products = network.layers[layer].weights[neuron].enumerated().filter { $0.element != 0 }.map {
      (
        weight: Int($0.element),
        instruction: Instruction.multiplyAdd(sum, source(layer, $0.offset), weight: Int($0.element))
      )
    }
    instructions.append(.set(sum, Int(network.layers[layer].bias[neuron])))
    let negative = products.filter { $0.weight < 0 }
    guard schedule.stopsNegatives, layer > 0, layer < network.hiddenLayers, negative.count >= 4 else {
      instructions += products.map(\.instruction)
      return
    }
    // All operands are zero or more: behind the positive weights the sum can only fall.
    instructions += products.filter { $0.weight > 0 }.map(\.instruction)
    instructions.append(.skip(Comparison(sum, .atMost, 0), count: negative.count))
    instructions += negative.map(\.instruction)
  }

  private mutating func addRectification(_ layer: Int, _ neuron: Int) {
    let output = Slot.output(layer: layer, neuron: neuron)
    guard let requant = network.layers[layer].requant else { return }
    let (multiplier, shift) = (Int(requant.multiplier[neuron]), Int(requant.shift[neuron]))
    let largest = max(relaxation.preactivations[layer][neuron].upperBound, 0)
    let marks = marks[output] ?? []
    for mark in marks where known.insert(mark.mask).inserted { instructions.append(.set(mark.mask, 0)) }
    instructions.append(
      .rectify(
        Rectification(
          output: output, sum: .sum(layer: layer, neuron: neuron), multiplier: multiplier, shift: shift,
          cap: (largest * multiplier) >> shift > Int(requant.upper) ? Int(requant.upper) : nil,
          isWide: largest * multiplier >= 1 << 31, marks: marks)))
  }

  // MARK: - Logits

  private mutating func addLogits() {
    for layer in 0..<network.hiddenLayers { compute(layer, consumed(layer)) }
    let last = network.layers.count - 1
    if schedule.order == .inputStationary {
      addColumns(last, Array(0..<network.classes))
    } else {
      for neuron in 0..<network.classes { addRow(last, neuron) }
    }
    instructions.append(.decide((0..<network.classes).map { .sum(layer: last, neuron: $0) }))
  }

  /// Logits grow with every neuron of the last hidden layer; margins are tested on the way.
  private mutating func addFusedLogits() {
    let hidden = network.hiddenLayers - 1
    for layer in 0..<hidden { compute(layer, consumed(layer)) }
    let last = network.layers[network.layers.count - 1]
    let isPair = network.classes == 2
    if isPair {
      instructions.append(.set(.difference, Int(last.bias[1]) - Int(last.bias[0])))
    } else {
      for k in 0..<network.classes { instructions.append(.set(.sum(layer: hidden + 1, neuron: k), Int(last.bias[k]))) }
    }
    let size = last.weights[0].count
    let early = (0..<size).filter { known.contains(.output(layer: hidden, neuron: $0)) }
    let wanted = schedule.neuronOrder.filter { (0..<size).contains($0) }
    let consumed = Set(consumed(hidden))
    var order = early
    for neuron in wanted + Array(0..<size) where consumed.contains(neuron) && !order.contains(neuron) {
      order.append(neuron)
    }
    let bounds = MarginBounds(network)
    if schedule.order == .inputStationary && schedule.marginChecks.isEmpty { compute(hidden, order) }
    for (position, neuron) in order.enumerated() {
      compute(hidden, [neuron])
      addProducts(of: neuron, last, isPair: isPair)
      if schedule.marginChecks.contains(position + 1), position + 1 < order.count {
        addMargins(bounds, rest: order[(position + 1)...], isPair: isPair)
      }
    }
    let logits = (0..<network.classes).map { Slot.sum(layer: hidden + 1, neuron: $0) }
    instructions.append(isPair ? .decideDifference : .decide(logits))
  }

  private mutating func addProducts(of neuron: Int, _ last: IntegerNetwork.Layer, isPair: Bool) {
    let hidden = network.hiddenLayers - 1
    let source = Slot.output(layer: hidden, neuron: neuron)
    var products: [Instruction] = []
    if isPair {
      let weight = Int(last.weights[1][neuron]) - Int(last.weights[0][neuron])
      if weight != 0 { products.append(.multiplyAdd(.difference, source, weight: weight)) }
    } else {
      for k in 0..<network.classes where last.weights[k][neuron] != 0 {
        products.append(.multiplyAdd(.sum(layer: hidden + 1, neuron: k), source, weight: Int(last.weights[k][neuron])))
      }
    }
    if schedule.skipsZeros, products.count > 1 {
      instructions.append(.skip(Comparison(source, .equal, 0), count: products.count))
    }
    instructions += products
  }

  private mutating func addMargins(_ bounds: MarginBounds, rest: ArraySlice<Int>, isPair: Bool) {
    if isPair {
      // Class 1 stays ahead if even the worst rest leaves a positive difference; class 0 likewise, ties included.
      addExit([Comparison(.difference, .atLeast, 1 + bounds.gain(0, over: 1, from: rest))], 1)
      addExit([Comparison(.difference, .atMost, -bounds.gain(1, over: 0, from: rest))], 0)
      return
    }
    let layer = network.hiddenLayers
    for c in 0..<network.classes {
      let conditions = (0..<network.classes).filter { $0 != c }.map { k in
        Comparison(
          .sum(layer: layer, neuron: k), minus: .sum(layer: layer, neuron: c), .atMost,
          IntegerNetwork.winningMargin(k, over: c) - 1 - bounds.gain(k, over: c, from: rest))
      }
      addExit(conditions, c)
    }
  }
}
