import ReproductionKit

/// What a run of the experiment does, by scale.
struct Workload: Sendable {
  /// One network: a data set, an initialisation, an L1 weight.
  struct Case: Sendable, Hashable {
    var set: String
    var seed: UInt64
    var l1: Float

    var name: String { "\(set)-s\(seed)" + (l1 > 0 ? "-l1" : "") }
  }

  /// The tables of the mirror, two-class sets first.
  static let sets = ["occupancy", "spambase", "wdbc", "phoneme", "magic", "ionosphere", "optdigits"]

  let cases: [Case]
  let cores: [String]
  let optimizations: [String]
  private let epochs: Int
  /// Most visited leaves that are decided.
  let leaves: Int
  /// Nodes per leaf.
  let budget: Int
  /// Constant paths that are reduced to flows.
  let candidates: Int
  /// Training rows that the autotuner simulates.
  let tuningRows: Int
  /// Test rows that programs are measured on.
  let measuredRows: Int
  /// Random inputs of the equivalence campaign.
  let randomInputs: Int

  /// Passes over the training rows: small sets get more, up to 60, so that each network is trained for some thousand steps.
  func epochs(rows: Int) -> Int { max(epochs, min(4 * epochs, 80_000 / max(rows, 1))) }

  init(_ context: RunContext) throws {
    let isFull = context.scale == .full
    let chosen = context.option("sets", default: isFull ? Self.sets.joined(separator: ",") : "occupancy,wdbc")
      .split(separator: ",").map(String.init)
    for name in chosen where !Self.sets.contains(name) {
      throw LogicFlowError.invalidSetting(
        name: "sets", value: name, expected: "some of \(Self.sets.joined(separator: ", "))")
    }
    let seeds = isFull ? 3 : 1
    let penalties: [Float] = isFull ? [0, 1e-4] : [0]
    cases = chosen.flatMap { set in
      penalties.flatMap { l1 in (0..<seeds).map { Case(set: set, seed: context.seed + UInt64($0), l1: l1) } }
    }
    cores = isFull ? CoreModel.presetNames : ["spike", "ibex-small"]
    optimizations = ["-O2", "-Os"]
    epochs = try context.option("epochs", default: isFull ? 30 : 15)
    leaves = try context.option("leaves", default: isFull ? 400 : 250)
    budget = isFull ? 40 : 20
    candidates = isFull ? 16 : 10
    tuningRows = isFull ? 400 : 200
    measuredRows = isFull ? 1500 : 800
    randomInputs = isFull ? 1_000_000 : 100_000
  }
}
