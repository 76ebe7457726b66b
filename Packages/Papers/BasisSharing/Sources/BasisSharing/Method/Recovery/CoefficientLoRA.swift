import LanguageModel
import ReproductionKit
import TinyNN
import TinyTensor

/// Recovery by low-rank adapters on the coefficients of query and value (appendix "LoRA fine-tuning"): C ← C + α/r · A · D with the basis
/// frozen. The adapters are merged at the end, so the format does not change.
public struct CoefficientLoRA: Sendable, Hashable, Codable {
  /// r, the rank of the adapters.
  public var rank: Int
  /// α.
  public var alpha: Float
  /// The constant learning rate of AdamW without decay.
  public var learningRate: Float
  /// Steps of one sequence each.
  public var steps: Int
  /// Tokens per sequence.
  public var length: Int
  /// Seed of the adapters' start.
  public var seed: UInt64

  /// Settings; the defaults are the paper's, but for steps and length.
  public init(
    rank: Int = 8, alpha: Float = 32, learningRate: Float = 1e-4, steps: Int = 150, length: Int = 512, seed: UInt64 = 0
  ) {
    self.rank = rank
    self.alpha = alpha
    self.learningRate = learningRate
    self.steps = steps
    self.length = length
    self.seed = seed
  }

  /// The matrices with adapters.
  public static let sites: Set<LinearSite> = [.query, .value]

  /// The coefficients of one layer with their adapter.
  struct Adapter {
    let group: Int
    let position: Int
    let basis: Variable
    let coefficients: Variable
    let down: Variable
    let up: Variable
    let scale: Float

    /// C + α/r · A · D.
    var adapted: Variable { coefficients + matmul(down, up) * scale }
  }

  /// Adapters at their start: A normal, D zero.
  func adapters(for model: CompressedModel) -> [Adapter] {
    model.plan.groups.indices.filter { Self.sites.contains(model.plan.groups[$0].site) }.flatMap { index in
      let group = model.plan.groups[index]
      let basis = Variable(model.factors[index].basis)
      return group.layers.indices.map { position in
        let coefficients = model.factors[index].coefficients[position]
        let name = "\(group.layers[position]).\(group.site.rawValue)"
        var random = Philox(seed: seed, stream: name)
        let inputs = coefficients.shape[0]
        return Adapter(
          group: index, position: position, basis: basis, coefficients: Variable(coefficients),
          down: Variable(
            .normal([inputs, rank], standardDeviation: 1 / Float(inputs).squareRoot(), using: &random),
            requiresGradient: true, name: name + ".down"),
          up: Variable(Tensor(zeros: [rank, coefficients.shape[1]]), requiresGradient: true, name: name + ".up"),
          scale: alpha / Float(rank))
      }
    }
  }

  /// The loss of a sequence with adapters in place.
  func loss(
    _ tokens: [Int32], _ adapters: [Adapter], _ model: CompressedModel, running: LlamaModel
  ) throws -> Variable {
    var maps: [LinearAddress: TrainableLinear] = [:]
    for adapter in adapters {
      let group = model.plan.groups[adapter.group]
      maps[LinearAddress(layer: group.layers[adapter.position], site: group.site)] = .factored(
        basis: adapter.basis, coefficients: adapter.adapted)
    }
    let view = DifferentiableModel(running, trainables: maps, checkpointing: true)
    let logits = try view.logits([TrainingSegment(.tokens(Array(tokens.dropLast())))])
    return crossEntropy(logits, labels: tokens.dropFirst().map(Int.init))
  }

  /// Trains adapters on consecutive sequences of a text and merges them.
  ///
  /// - Returns: The loss of every step.
  /// - Throws: ``BasisSharingError`` for too short a text, `LanguageModelError`, or `Interrupted`.
  @discardableResult
  public func train(
    _ model: inout CompressedModel, on tokens: [Int32], progress: ProgressReporter = .silent,
    isCancelled: () -> Bool = { false }
  ) throws -> [Double] {
    guard tokens.count > length, length > 0, rank > 0 else {
      throw BasisSharingError.tooFewTokens(have: tokens.count, need: length + 1)
    }
    let running = try model.model()
    let adapters = adapters(for: model)
    let parameters = adapters.flatMap { [$0.down, $0.up] }
    var optimizer = Adam.adamW(weightDecay: 0)
    var losses: [Double] = []
    for step in 0..<steps {
      if isCancelled() { throw Interrupted() }
      let start = step * length % (tokens.count - length)
      let loss = try loss(Array(tokens[start...start + length]), adapters, model, running: running)
      loss.backward()
      optimizer.step(parameters, learningRate: learningRate)
      parameters.clearGradients()
      losses.append(Double(loss.value.item))
      progress.report(step + 1, of: steps, "loss \(loss.value.item)")
    }
    for adapter in adapters {
      model.factors[adapter.group].coefficients[adapter.position] = adapter.adapted.value
    }
    return losses
  }
}
