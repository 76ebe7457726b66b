import TinyNN
import TinyTensor

/// Trains a ``TrainableLlama`` to predict the next token: AdamW, a cosine schedule with a warm-up, clipped gradients.
///
/// Everything is a function of the settings: the same seed gives the same weights with any number of threads.
public struct LlamaTrainer: Sendable, Hashable, Codable {
  /// Gradient steps.
  public var steps: Int
  /// Sequences per step.
  public var batch: Int
  /// Tokens per sequence.
  public var length: Int
  /// The learning rate after the warm-up.
  public var learningRate: Float
  /// Decay of matrices per step, relative to the learning rate.
  public var weightDecay: Float
  /// The largest norm of a gradient.
  public var clip: Float
  /// Seed of the initial weights and of the choice of sequences.
  public var seed: UInt64

  /// Settings; the defaults are those of the embedded model.
  public init(
    steps: Int = 500, batch: Int = 16, length: Int = 128, learningRate: Float = 3e-3, weightDecay: Float = 0.1,
    clip: Float = 1, seed: UInt64 = 1
  ) {
    self.steps = steps
    self.batch = batch
    self.length = length
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.clip = clip
    self.seed = seed
  }

  /// How far a training is.
  public struct Step: Sendable, Hashable {
    /// The steps done.
    public let step: Int
    /// The steps to do.
    public let totalSteps: Int
    /// The mean loss of the step, in nats per token.
    public let loss: Float
  }

  /// Trains on sequences that begin anywhere in `tokens`.
  ///
  /// - Returns: the loss of every step.
  /// - Throws: ``LanguageModelError`` for too short a text, a token outside of the vocabulary, a loss that is no number, or a
  ///   cancelled task.
  public func train(
    _ model: TrainableLlama, on tokens: [Int32], onStep: (Step) -> Void = { _ in }
  ) throws(LanguageModelError) -> [Float] {
    guard steps > 0, batch > 0, (1...model.config.context).contains(length), tokens.count > length else {
      throw LanguageModelError(
        .invalidArgument,
        "\(steps) steps of \(batch) sequences of \(length) tokens out of \(tokens.count) are not possible",
        remedy: "sequences must fit the context of \(model.config.context) and be shorter than the text")
    }
    if let wrong = tokens.first(where: { $0 < 0 || Int($0) >= model.config.vocabulary }) {
      throw LanguageModelError(.invalidToken, "token \(wrong) is not in the vocabulary of \(model.config.vocabulary)")
    }
    var random = Philox(seed: seed, stream: "sequences")
    var optimizer = Adam.adamW(beta2: 0.98, weightDecay: weightDecay, groups: [.vectorsWithoutDecay])
    let schedule = Schedule(peak: learningRate, shape: .cosine(warmup: 0.05, end: 0.02))
    let parameters = model.parameters
    var losses: [Float] = []
    for step in 0..<steps {
      if Task.isCancelled { throw LanguageModelError(.cancelled, "training was cancelled after \(step) steps") }
      let starts = (0..<batch).map { _ in random.next(below: tokens.count - length) }
      let logits = model.logits(starts.map { Array(tokens[$0..<$0 + length]) })
      let loss = crossEntropy(
        logits, labels: starts.flatMap { tokens[$0 + 1..<$0 + length + 1].map(Int.init) })
      loss.backward()
      clipGradientNorm(parameters, maximum: clip)
      optimizer.step(parameters, learningRate: schedule.learningRate(step: step, of: steps))
      parameters.clearGradients()
      losses.append(loss.value.item)
      guard loss.value.item.isFinite else {
        throw LanguageModelError(
          .invalidArgument, "the loss is \(loss.value.item) after \(step + 1) steps",
          remedy: "train with a smaller learning rate")
      }
      onStep(Step(step: step + 1, totalSteps: steps, loss: loss.value.item))
    }
    return losses
  }
}
