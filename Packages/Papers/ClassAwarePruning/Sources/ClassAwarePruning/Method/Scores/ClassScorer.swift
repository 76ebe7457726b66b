import ImageDataset
import TinyTensor
import VisionModels

/// Scores every filter by the number of classes it matters for.
///
/// Classes are independent of each other and are spread over the threads; counts are integers, so the scores do not depend on
/// the number of threads or on the order.
public struct ClassScorer: Sendable {
  /// How to score.
  public let options: ScoreOptions

  /// Creates a scorer.
  /// - Throws: ``PruneError/invalidOption(_:value:expected:)``.
  public init(_ options: ScoreOptions = ScoreOptions()) throws(PruneError) {
    try options.validate()
    self.options = options
  }

  /// Picks images of every class and scores.
  /// - Throws: ``PruneError`` for absent classes, NaN anywhere, labels that do not fit.
  public func scores(
    _ network: Network, data: LabeledImages, normalization: Normalization
  ) throws(PruneError) -> ClassScores {
    try scores(network, set: ScoringSet(data, normalization: normalization, options: options))
  }

  /// Scores on a given set of images.
  public func scores(_ network: Network, set: ScoringSet) throws(PruneError) -> ClassScores {
    try set.check(network)
    let layers = network.scoredLayers
    let probe = try LayerProbe(network, nodes: Set(layers))
    var accumulators = layers.map { layer in
      LayerAccumulator(name: layer, shape: network.shape(of: layer) ?? [], classes: set.classes.count)
    }
    var temperatures: [String: Float] = [:]
    // A wave of classes at a time bounds the memory to a few classes' activations.
    let wave = max(1, 2 * Threads.count)
    for start in stride(from: 0, to: set.classes.count, by: wave) {
      let labels = Array(start..<min(set.classes.count, start + wave))
      let outcomes = try counts(probe, set: set, labels: labels)
      for (label, outcome) in zip(labels, outcomes) {
        if outcome.temperature != 1 { temperatures[set.classes[label]] = outcome.temperature }
        for index in accumulators.indices {
          accumulators[index].add(outcome.counts[index], label: label, images: set.images[label].shape[0])
        }
      }
    }
    return ClassScores(
      classNames: set.classes, layers: accumulators.map { $0.layer(options.aggregation) }, options: options,
      imagesPerClass: set.images.map { $0.shape[0] }, temperatures: temperatures, fingerprint: network.fingerprint)
  }

  private struct ClassCounts {
    /// Per layer, for every position and filter the number of images in which it is important.
    var counts: [[Int32]]
    var temperature: Float
  }

  private func counts(
    _ probe: LayerProbe, set: ScoringSet, labels: [Int]
  ) throws(PruneError) -> [ClassCounts] {
    var outcomes = [Result<ClassCounts, PruneError>?](repeating: nil, count: labels.count)
    outcomes.withUnsafeMutableBufferPointer { buffer in
      // Each call writes its own element only.
      nonisolated(unsafe) let slots = buffer
      parallelFor(labels.count) { index in
        slots[index] = count(probe, images: set.images[labels[index]], label: labels[index])
      }
    }
    var result: [ClassCounts] = []
    for outcome in outcomes {
      switch outcome {
      case .success(let counts): result.append(counts)
      case .failure(let error): throw error
      case nil: throw .nothingPrunable("a class was not scored")
      }
    }
    return result
  }

  private func count(
    _ probe: LayerProbe, images: Tensor, label: Int
  ) -> Result<ClassCounts, PruneError> {
    do throws(PruneError) {
      let (observations, temperature) = try probe.gradients(images, label: label)
      var counts: [[Int32]] = []
      for observation in observations { counts.append(try count(observation)) }
      return .success(ClassCounts(counts: counts, temperature: temperature))
    } catch {
      return .failure(error)
    }
  }

  private func count(_ observation: LayerProbe.Observation) throws(PruneError) -> [Int32] {
    let activations = observation.activations
    let gradients = observation.gradients ?? Tensor(zeros: activations.shape)
    let images = activations.shape[0]
    let positions = activations.count / max(1, images)
    var isFinite = true
    let counts = [Int32](unsafeUninitializedCapacity: positions) { buffer, initialized in
      activations.withUnsafeBufferPointer { a in
        gradients.withUnsafeBufferPointer { g in
          guard let a = a.baseAddress, let g = g.baseAddress, let target = buffer.baseAddress else { return }
          isFinite = TaylorCountKernel.count(
            activations: a, gradients: g, images: images, positions: positions,
            threshold: threshold(a, g, count: activations.count), into: target)
        }
      }
      initialized = positions
    }
    guard isFinite else { throw .notFinite(layer: observation.node, what: "an activation or gradient") }
    return counts
  }

  private func threshold(_ a: UnsafePointer<Float>, _ g: UnsafePointer<Float>, count: Int) -> Float {
    switch options.threshold {
    // Converted first: 1e-50 becomes 0, as it does in the public code.
    case .absolute(let value): Float(value)
    case .relative(let share):
      Float(share * TaylorCountKernel.meanMagnitude(activations: a, gradients: g, count: count))
    }
  }
}

/// Adds up one layer's counts over the classes.
private struct LayerAccumulator {
  private let name: String
  private let filters: Int
  private let positions: Int
  /// `Σ_n (1/M_n) · count_n` for every position and filter.
  private var total: [Double]
  private var perClass: [[Float]]

  init(name: String, shape: [Int], classes: Int) {
    self.name = name
    filters = shape.last ?? 0
    positions = shape.reduce(1, *) / max(1, shape.last ?? 1)
    total = [Double](repeating: 0, count: filters * positions)
    perClass = [[Float]](repeating: [], count: classes)
  }

  mutating func add(_ counts: [Int32], label: Int, images: Int) {
    var best = [Int32](repeating: 0, count: filters)
    let weight = 1 / Double(images)
    counts.withUnsafeBufferPointer { counts in
      total.withUnsafeMutableBufferPointer { total in
        best.withUnsafeMutableBufferPointer { best in
          for position in 0..<positions {
            let base = position * filters
            for filter in 0..<filters {
              let count = counts[base + filter]
              best[filter] = max(best[filter], count)
              total[base + filter] += Double(count) * weight
            }
          }
        }
      }
    }
    perClass[label] = best.map { Float(Double($0) * weight) }
  }

  func layer(_ aggregation: ScoreOptions.Aggregation) -> ClassScores.Layer {
    var scores = [Double](repeating: 0, count: filters)
    switch aggregation {
    case .sumThenMax:
      for position in 0..<positions {
        for filter in 0..<filters { scores[filter] = max(scores[filter], total[position * filters + filter]) }
      }
    case .maxThenSum:
      for values in perClass {
        for filter in values.indices { scores[filter] += Double(values[filter]) }
      }
    }
    return ClassScores.Layer(name: name, scores: scores.map { Float($0) }, perClass: perClass)
  }
}

extension Network {
  /// Layers whose filters are scored: all convolutions, and linear layers before the output, in graph order.
  public var scoredLayers: [String] {
    nodes.compactMap { node in
      switch node.op {
      case .conv2d: node.name
      case .linear where node.name != outputName: node.name
      default: nil
      }
    }
  }
}
