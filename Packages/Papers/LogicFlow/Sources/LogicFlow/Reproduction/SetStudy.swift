import Foundation
import LogicFlowVerify
import ReproductionKit
import TinyTensor

/// From a table to measured programs: one network of the experiment.
struct SetStudy {
  let context: RunContext
  let workload: Workload
  let study: Workload.Case
  let table: SampleTable
  let isSynthetic: Bool
  let progress: ProgressReporter

  /// The programs that are compared.
  struct Programs {
    var plain, flowless, zeroSkip, flows, flowsBare, best: LogicProgram
    var paper: LogicProgram

    var measured: [(name: String, program: LogicProgram)] {
      [
        ("plain", plain), ("flowless best", flowless), ("zero skip", zeroSkip), ("certified flows", flows),
        ("same order, no tests", flowsBare), ("certified best", best),
      ]
    }
  }

  /// The trees that compete, grown on the data until they reach the network's accuracy on held-out training rows.
  struct Competitors {
    var tree: DecisionTree
    var forest: RandomForest
  }

  func run() throws -> SetResult {
    let split = try SampleSplit(table)
    progress.report(0.02, "training")
    let trainer = NetworkTrainer(epochs: workload.epochs, l1: study.l1, seed: study.seed)
    let float = try trainer.train(split.train, classes: split.classes)
    let network = try Quantizer.quantize(float, calibration: split.train, names: split.names)
    try context.checkCancellation()
    progress.report(0.15, "deciding leaves")
    let tree = PathTree(network, features: split.train.features)
    let leaves = try LeafVerdicts(
      tree, limit: split.classes > 4 ? workload.leaves / 8 : workload.leaves, budget: workload.budget,
      checkCancellation: context.checkCancellation)
    progress.report(0.4, "reducing paths")
    let certified = FlowFinder(mode: .certified, limit: workload.candidates, seed: study.seed)
    let candidates = certified.candidates(leaves)
    let paper = FlowFinder(mode: .paper, limit: workload.candidates, seed: study.seed)
    try context.checkCancellation()
    progress.report(0.5, "choosing programs")
    let tuner = try Autotuner(
      network, training: split.train, model: CoreModel(named: "ibex-small"), rows: workload.tuningRows)
    let paperStyle = try tuner.paperSchedule(candidates, certified, tree: tree)
    let uncertified = try tuner.paperSchedule(paper.candidates(leaves), paper, tree: tree)
    try context.checkCancellation()
    let best = try tuner.everything(guards(network, split) + certified.ranked(candidates, on: tree))
    let flowless = try tuner.flowless()
    func program(_ choice: Autotuner.Choice, tests: Bool = true) -> LogicProgram {
      LogicProgram(network: network, flows: choice.flows, schedule: choice.schedule, tests: tests)
    }
    let programs = Programs(
      plain: LogicProgram(network: network), flowless: program(flowless), zeroSkip: program(try tuner.zeroSkip()),
      flows: program(paperStyle), flowsBare: program(paperStyle, tests: false), best: program(best),
      paper: program(uncertified))
    try context.checkCancellation()

    progress.report(0.75, "measuring")
    var result = summary(network, split, leaves, float)
    result.candidates = candidates.flows.count
    result.flows = paperStyle.flows.count
    result.boxes = best.flows.count { !$0.region.bounds.isEmpty }
    result.obliques = best.flows.count { !$0.region.combinations.isEmpty }
    result.margins = best.schedule.marginChecks.count
    result.paperFlows = uncertified.flows.count
    let competitors = competitors(network, split)
    result.treeAccuracy = competitors.tree.accuracy(split.test)
    result.forestAccuracy = competitors.forest.accuracy(split.test)
    try measure(&result, programs, competitors, network, split)
    countExits(&result, best, programs.best, split)
    progress.report(0.85, "comparing answers")
    try compare(&result, programs, network, split, paperStyle.flows + best.flows)
    try prove(&result, network, split, paperStyle.flows + best.flows, best.schedule)
    try compareWithQemu(&result, programs, split, network)
    try time(&result, programs, network, split)
    progress.report(1, "done")
    return result
  }

  /// Boxes and oblique exits. Those of many classes are hopeless and cost a bisection per feature, side and rival.
  private func guards(_ network: IntegerNetwork, _ split: SampleSplit) -> [Flow] {
    guard split.classes <= 4 else { return [] }
    let samples = split.train.prefix(workload.guardRows)
    let outcomes = BatchClassifier(network).classify(samples.features)
    return BoxFinder(network).flows(samples, outcomes: outcomes)
      + ObliqueFinder(network, budget: workload.budget).flows(samples, outcomes: outcomes)
  }

  private func summary(
    _ network: IntegerNetwork, _ split: SampleSplit, _ leaves: LeafVerdicts, _ float: FloatNetwork
  ) -> SetResult {
    let outcomes = BatchClassifier(network).classify(split.test.features)
    let logits = float.activations(split.test.tensor(0..<split.test.count)).last?.scalars ?? []
    let floatRight = (0..<split.test.count).count { row in
      let values = logits[row * split.classes..<(row + 1) * split.classes]
      return values.firstIndex(of: values.max() ?? 0) == values.startIndex + split.test.labels[row]
    }
    return SetResult(
      name: study.name, set: study.set, seed: study.seed, l1: study.l1, isSynthetic: isSynthetic,
      classes: split.classes,
      macs: network.macs, accuracy: Self.accuracy(outcomes, split.test.labels),
      floatAccuracy: Double(floatRight) / Double(split.test.count), treeAccuracy: 0, forestAccuracy: 0,
      paths: leaves.tree.paths.count, decidedLeaves: leaves.verdicts.count, constantShare: leaves.constantShare,
      refuted: leaves.verdicts.count { $0.name == "refuted" },
      undecided: leaves.verdicts.count { $0.name == "undecided" },
      candidates: 0, flows: 0, boxes: 0, obliques: 0, margins: 0, coverage: 0, inputsTried: 0, disagreements: 0,
      paperDisagreements: 0,
      paperFlows: 0, certificates: 0, certificateLeaves: 0, refusedCertificates: 0, compiled: [], qemu: [], rows: [],
      distributions: [], exits: [:],
      explanations: [], native: [:])
  }

  private func competitors(_ network: IntegerNetwork, _ split: SampleSplit) -> Competitors {
    let cut = split.train.count * 4 / 5
    let (grown, held) = (split.train.prefix(cut), split.train.rows(Array(cut..<split.train.count)))
    let accuracy = Self.accuracy(BatchClassifier(network).classify(held.features), held.labels)
    return Competitors(
      tree: DecisionTree(grown, held: held, classes: split.classes, accuracy: accuracy),
      forest: RandomForest(grown, held: held, classes: split.classes, accuracy: accuracy, seed: study.seed))
  }

  private static func accuracy(_ outcomes: [Int], _ labels: [Int]) -> Double {
    Double(zip(outcomes, labels).count { $0 == $1 }) / Double(max(labels.count, 1))
  }
}
