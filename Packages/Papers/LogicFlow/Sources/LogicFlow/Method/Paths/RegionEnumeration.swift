import TinyTensor

/// Counts the full-dimensional activation regions of a real-valued ReLU network inside its box (specification 2.2, second mode):
/// depth first, one linear program per sibling.
///
/// A region counts when a ball of radius above 1e-7 fits into it, with all rows normalised.
public struct RegionEnumeration: Sendable {
  private static let smallestRadius = 1e-7

  private let network: RealNetwork

  /// Prepares `network`.
  public init(_ network: RealNetwork) { self.network = network }

  /// A partial sign pattern: half spaces, a ball inside of them, and the affine maps that the pattern implies.
  private struct State {
    var rows: [DualSimplex.Row]
    var center: [Double]
    var radius: Double
    var layer: Int
    var neuron: Int
    /// Outputs of the layer before, as affine functions of the input: gradient and constant.
    var inputs: [(gradient: [Double], constant: Double)]
    var outputs: [(gradient: [Double], constant: Double)]
  }

  /// The number of regions; subtrees are counted on all cores.
  public func count() -> Int {
    let size = network.inputs
    let (low, high) = (network.box[0], network.box[1])
    var rows: [DualSimplex.Row] = []
    for index in 0..<size {
      rows.append(DualSimplex.Row(terms: [(index, 1), (size, 1)], bound: high))
      rows.append(DualSimplex.Row(terms: [(index, -1), (size, 1)], bound: -low))
    }
    let identity = (0..<size).map { index in
      (gradient: (0..<size).map { $0 == index ? 1.0 : 0.0 }, constant: 0.0)
    }
    var frontier = [
      State(
        rows: rows, center: Array(repeating: (low + high) / 2, count: size), radius: (high - low) / 2, layer: 0,
        neuron: 0,
        inputs: identity, outputs: [])
    ]
    // Enough subtrees that both cores stay busy to the end.
    while frontier.count < 64, let first = frontier.first, first.layer < network.layers.count - 1 {
      frontier = frontier.flatMap(children)
    }
    let roots = frontier
    let counts = [Int](unsafeUninitializedCapacity: roots.count) { buffer, initialized in
      let slots = buffer
      slots.initialize(repeating: 0)
      parallelFor(roots.count) { slots[$0] = count(roots[$0]) }
      initialized = roots.count
    }
    return counts.reduce(0, +)
  }

  private func count(_ state: State) -> Int {
    guard state.layer < network.layers.count - 1 else { return 1 }
    return children(state).reduce(0) { $0 + count($1) }
  }

  /// The sides of the next neuron's decision that contain a ball.
  private func children(_ state: State) -> [State] {
    let layer = network.layers[state.layer]
    var gradient = [Double](repeating: 0, count: network.inputs)
    var constant = layer.bias[state.neuron]
    for (weight, input) in zip(layer.weights[state.neuron], state.inputs) where weight != 0 {
      constant += weight * input.constant
      for index in gradient.indices { gradient[index] += weight * input.gradient[index] }
    }
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard norm > 1e-12 else { return [advanced(state, (gradient, constant), isActive: constant > 0)] }
    let distance = (zip(gradient, state.center).reduce(constant) { $0 + $1.0 * $1.1 }) / norm
    return [true, false].compactMap { isActive in
      var side = state
      let sign = isActive ? -1.0 : 1.0
      let terms = gradient.enumerated().map { (variable: $0.offset, coefficient: sign * $0.element / norm) }
      side.rows.append(
        DualSimplex.Row(terms: terms + [(network.inputs, 1)], bound: -sign * constant / norm))
      let inside = isActive ? distance : -distance
      if inside >= state.radius {
        // The ball lies on this side as a whole.
      } else if inside > Self.smallestRadius {
        side.radius = inside
      } else if !recentre(&side) {
        return nil
      }
      return advanced(side, (gradient, constant), isActive: isActive)
    }
  }

  private func advanced(_ state: State, _ sum: (gradient: [Double], constant: Double), isActive: Bool) -> State {
    var next = state
    next.outputs.append(isActive ? sum : (Array(repeating: 0, count: network.inputs), 0))
    next.neuron += 1
    if next.neuron == network.layers[state.layer].bias.count {
      (next.layer, next.neuron, next.inputs, next.outputs) = (state.layer + 1, 0, next.outputs, [])
    }
    return next
  }

  /// Finds the largest ball inside of all half spaces; false if it is too small to count.
  private func recentre(_ state: inout State) -> Bool {
    let size = network.inputs
    let (low, high) = (network.box[0], network.box[1])
    var simplex = DualSimplex(
      lower: Array(repeating: low, count: size) + [0], upper: Array(repeating: high, count: size) + [(high - low) / 2],
      constraints: state.rows, objective: Array(repeating: 0, count: size) + [1])
    let solution = simplex.solve(below: Self.smallestRadius)
    guard solution.bound > Self.smallestRadius else { return false }
    state.center = Array(solution.point[..<size])
    state.radius = solution.bound
    return true
  }
}
