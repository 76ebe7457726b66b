/// 48 cells that the local model wrote in one shot, in answer to one fixed prompt.
struct ModelSample: Sendable, Codable {
  /// What the prompt asks for.
  enum Wish: String, Sendable, Codable {
    /// Accuracy.
    case normal
    /// Accuracy and latency.
    case latency
  }

  /// How a sample is drawn.
  struct Setting: Sendable, Codable, Hashable {
    let temperature: Double
    let isPartitioned: Bool
    let wish: Wish

    var partition: Partition { isPartitioned ? .conv3x3 : .none }

    /// Three temperatures with and without partition, and the prompt that also wishes for latency.
    static let all: [Setting] =
      [0.2, 0.6, 1.0].flatMap { temperature in
        [false, true].map { Setting(temperature: temperature, isPartitioned: $0, wish: .normal) }
      } + [0.2, 1.0].map { Setting(temperature: $0, isPartitioned: false, wish: .latency) }
  }

  let setting: Setting
  let cells: [Cell]
  /// The model's preferences in each niche.
  let biases: [ChoiceBias]

  /// Cells of one sample, the same number in every niche.
  static let size = 48

  /// Asks a model.
  static func draw(_ setting: Setting, _ model: any DigitModel, _ prompts: Prompts, seed: UInt64) throws -> ModelSample
  {
    let partition = setting.partition
    var options = ConstrainedProposer.Options()
    options.temperature = setting.temperature
    let proposer = try ConstrainedProposer(
      model, partition: partition, prompts: prompts,
      task: PromptTask(device: "edgegpu", dataSet: "cifar10", isDetailed: false), options: options)
    let message = setting.wish == .normal ? prompts.baselineNormal : prompts.baselineLatency
    let decoded = try (0..<partition.nicheCount).map { niche in
      try proposer.propose(
        to: message, niche: niche, count: size / partition.nicheCount, seed: seed &+ UInt64(niche))
    }
    return ModelSample(
      setting: setting, cells: decoded.flatMap(\.cells), biases: decoded.map { ChoiceBias($0.choices) })
  }

  /// Number of different cells.
  var distinct: Int { Set(cells).count }

  /// Normalised entropy over the paper's six niches.
  var entropy: Double {
    NicheHistogram.entropy(cells.map(Partition.conv3x3.niche), niches: Partition.conv3x3.nicheCount)
  }
}
