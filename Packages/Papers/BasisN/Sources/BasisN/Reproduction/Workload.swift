import ReproductionKit

/// How much work a scale does (section 6 of the specification).
struct Workload: Sendable {
  /// Steps of the main configuration and its twin.
  let steps: Int
  /// Steps of each row of the sweep.
  let sweepSteps: Int
  /// (B, K, b) of the sweep.
  let sweep: [EncodingConfiguration]
  /// Test images of the integer path.
  let testImages: Int
  /// Test images of the float network, baselines and sweep.
  let baselineImages: Int
  /// Test images through the crossbar simulator.
  let simulatedImages: Int
  /// Rounds of improvement per schedule.
  let scheduleRounds: Int
  /// Contests that are drawn and scheduled per layer width of the large networks.
  let drawnContests: Int
  /// Whether ablations are trained.
  let trainsAblations: Bool

  init(_ context: RunContext) throws {
    let isQuick = context.scale == .quick
    steps = try context.option("steps", default: isQuick ? 60 : 4_000)
    sweepSteps = try context.option("sweep-steps", default: isQuick ? 0 : 150)
    testImages = isQuick ? 500 : 10_000
    baselineImages = isQuick ? 500 : 2_000
    simulatedImages = isQuick ? 64 : 1_000
    scheduleRounds = isQuick ? 30 : 200
    drawnContests = isQuick ? 1 : 2
    trainsAblations = !isQuick
    var sweep: [EncodingConfiguration] = []
    if !isQuick {
      for basis in [64, 128, 256] {
        for (nonzeros, bits) in [(8, 3), (16, 4)] {
          sweep.append(EncodingConfiguration(basis: basis, nonzeros: nonzeros, bits: bits, seed: context.seed))
        }
      }
    }
    self.sweep = sweep
    try require(steps >= 0 && sweepSteps >= 0, "steps", min(steps, sweepSteps), "0 or more")
  }

  /// The main configuration: B = 128, K = 16, b = 4.
  static func main(seed: UInt64, contest: Double) -> EncodingConfiguration {
    EncodingConfiguration(basis: 128, nonzeros: 16, bits: 4, contest: contest, seed: seed)
  }

  /// The configuration for a single crossbar: B = 64, K = 8, b = 3.
  static func small(seed: UInt64) -> EncodingConfiguration {
    EncodingConfiguration(basis: 64, nonzeros: 8, bits: 3, seed: seed)
  }

  /// Weight λ of the contest while coding, in the contest-aware configurations.
  static let codingContest = 1.0
  /// Largest weight of Ω while training.
  static let trainingContest: Float = 0.1
}
