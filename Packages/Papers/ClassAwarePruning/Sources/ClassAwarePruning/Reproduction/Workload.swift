import ReproductionKit

/// How much work a scale does (specification section 6).
struct Workload: Sendable {
  /// Criteria of the one-shot curves.
  let oneShotCriteria: [String]
  /// Fractions of the prunable filters removed at once.
  let oneShotFractions: [Double]
  /// Criteria of the iterative comparison.
  let iterativeCriteria: [String]
  /// Criteria that are repeated with a second seed.
  let repeatedCriteria: [String]
  /// Images of one unit of training. The paper's unit is half an epoch (25 000 images); `full` takes an eighth of an epoch
  /// by default, so that its hundred and thirty units take about an hour on two cores. The report names the figure.
  let unit: Int
  /// Half-epochs of training with the modified cost, before pruning.
  let preparation: Int
  /// Rounds of pruning.
  let rounds: Int
  /// Half-epochs of retraining per round.
  let perRound: Int
  /// Half-epochs of the last retraining.
  let final: Int
  /// Images of one unit of training in the run that F1 judges, which gets the specified budget; 0 leaves it out.
  let operatingUnit: Int
  /// Units of that run and of the unpruned control, rounds and last retraining together.
  let operatingUnits = 10
  /// Rounds of the ablations; 0 for none.
  let ablationRounds: Int
  /// Whether the deep network is pruned too.
  let prunesDeepNetwork: Bool
  /// Interleaved rounds of the latency measurement.
  let latencyRounds: Int
  /// Depth of the ResNet whose speed is measured.
  let latencyDepth: Int

  /// Half-epochs of the whole schedule after the preparation.
  var scheduleUnits: Int { rounds * perRound + final }

  init(_ context: RunContext) throws {
    let isQuick = context.scale == .quick
    oneShotCriteria = isQuick ? ["class", "l1", "taylor", "random"] : Criteria.names
    oneShotFractions = isQuick ? [0.1, 0.2, 0.3] : [0.05, 0.1, 0.2, 0.3, 0.5]
    iterativeCriteria = isQuick ? ["class"] : ["class", "l1", "taylor", "random"]
    repeatedCriteria = isQuick ? [] : ["class", "l1"]
    unit = try context.option("half-epoch", default: isQuick ? 2_560 : 6_250)
    preparation = isQuick ? 0 : 2
    rounds = isQuick ? 2 : 6
    perRound = 1
    final = isQuick ? 0 : 4
    operatingUnit = try context.option("operating-half-epoch", default: isQuick ? 0 : 25_000)
    ablationRounds = isQuick ? 0 : 3
    prunesDeepNetwork = !isQuick
    latencyRounds = isQuick ? 10 : 30
    latencyDepth = isQuick ? 20 : 56
    guard unit > 0 else {
      throw PruneError.invalidOption("half-epoch", value: "\(unit)", expected: "1 or more images")
    }
    guard operatingUnit >= 0 else {
      throw PruneError.invalidOption("operating-half-epoch", value: "\(operatingUnit)", expected: "0 or more images")
    }
  }
}
