import ArgumentParser
import Foundation
import LogicFlow
import LogicFlowVerify
import ReproductionKit

extension FlowMode: ExpressibleByArgument {}

/// `hardwise logicflow convert`
struct LogicFlowConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Find flows and a schedule by simulated cycles on training rows.")

  /// What a program may use.
  private enum Kind: String, CaseIterable { case signs, margin, oblique, box, zeroskip }

  @Argument(help: ArgumentHelp("The network.", valueName: "net.json"))
  var network: String

  @Option(help: ArgumentHelp("The table the network was trained on.", valueName: "rows"))
  var train: String

  @Option(help: "certified (every flow proved) or paper (sample counts only).")
  var mode = FlowMode.certified

  @Option(help: ArgumentHelp("What to use, separated by commas.", valueName: "kinds"))
  var kinds = Kind.allCases.map(\.rawValue).joined(separator: ",")

  @Option(name: .customLong("max-wcet"), help: "Largest static worst case, in cycles of the core.")
  var maximumWorstCase: Int?

  @OptionGroup var core: LogicFlowCore

  @Option(help: "Seed of orders and annealing.")
  var seed: UInt64 = 0

  @Option(name: [.customShort("o"), .long], help: ArgumentHelp("Where to write the flows.", valueName: "flow.json"))
  var output = "flow.json"

  @OptionGroup var print: OutputOptions

  func run() throws {
    let names = kinds.split(separator: ",").map(String.init)
    guard names.allSatisfy({ Kind(rawValue: $0) != nil }) else {
      let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--kinds \(kinds): expected some of \(known)")
    }
    let chosen = Set(names.compactMap(Kind.init))
    let network = try NetworkFile.read(URL(fileURLWithPath: network))
    let split = try SampleSplit(LogicFlowTable.open(train))
    try requireWidth(split.train, network, train)
    let model = try core.model()
    let progress = ProgressReporter(sink: TerminalProgressSink())
    let tree = PathTree(network, features: split.train.features)
    let leaves = try LeafVerdicts(tree, limit: 300, budget: 40, progress: progress.phase("leaves", from: 0, to: 0.5))
    let finder = FlowFinder(mode: mode, seed: seed)
    let candidates = finder.candidates(leaves, progress: progress.phase("paths", from: 0.5, to: 0.8))
    var tuner = Autotuner(network, training: split.train, model: model)
    tuner.maximumWorstCase = maximumWorstCase
    tuner.usesMargins = chosen.contains(.margin)
    tuner.usesZeroSkips = chosen.contains(.zeroskip)
    let choice =
      switch mode {
      case .paper: try tuner.paperSchedule(candidates, finder, tree: tree)
      case .certified:
        try tuner.everything(
          guards(network, split, chosen) + (chosen.contains(.signs) ? finder.ranked(candidates, on: tree) : []))
      }
    guard choice.cycles.isFinite else {
      throw LogicFlowError.invalidSetting(
        name: "--max-wcet", value: "\(maximumWorstCase ?? 0)", expected: "more: no program has so small a worst case")
    }
    progress.report(1, "tuned")
    let file = try FlowFile(network: network, scaler: split.scaler, flows: choice.flows, schedule: choice.schedule)
    if mode == .certified { try file.verify() }
    try file.write(to: URL(fileURLWithPath: output))
    try report(file, split, model, constantShare: leaves.constantShare)
  }

  /// Boxes and oblique exits on at most 3000 training rows.
  private func guards(_ network: IntegerNetwork, _ split: SampleSplit, _ chosen: Set<Kind>) -> [Flow] {
    let samples = split.train.prefix(3000)
    let outcomes = BatchClassifier(network).classify(samples.features)
    return (chosen.contains(.box) ? BoxFinder(network).flows(samples, outcomes: outcomes) : [])
      + (chosen.contains(.oblique) ? ObliqueFinder(network).flows(samples, outcomes: outcomes) : [])
  }

  private func report(_ file: FlowFile, _ split: SampleSplit, _ model: CoreModel, constantShare: Double) throws {
    let expected = BatchClassifier(file.network).classify(split.test.features)
    let meter = CycleMeter(model, samples: split.test.prefix(2000))
    let plain = try meter.measure(LogicProgram(network: file.network).machineCode(for: model), expected: expected)
    let converted = try meter.measure(file.program().machineCode(for: model), expected: expected)
    let explainer = Explainer(file)
    let summary = Summary(
      flows: file.flows.map(explainer.sentence), margins: file.schedule.marginChecks, constantShare: constantShare,
      plainCycles: plain.mean, cycles: converted.mean, worstCase: converted.worstCase,
      disagreements: converted.disagreements)
    // Long conditions are for `--json` and `explain`.
    var text = zip(file.flows, summary.flows).map { flow, sentence in
      let tests = flow.region.literals.count + flow.region.bounds.count + flow.region.combinations.count
      return "  " + (sentence.count <= 160 ? sentence : "\(tests) tests ⇒ class \(flow.outcome)") + "\n"
    }.joined()
    text += String(
      format:
        "%@: %d flows, %d margin tests, %.0f instead of %.0f cycles per test row (%@), worst case %d, %d disagreements",
      self.output, file.flows.count, file.schedule.marginChecks.count, converted.mean, plain.mean, model.name,
      converted.worstCase ?? 0, converted.disagreements)
    try print.emit(summary, text: text)
  }

  private struct Summary: Encodable {
    let flows: [String]
    let margins: [Int]
    let constantShare, plainCycles, cycles: Double
    let worstCase: Int?
    let disagreements: Int
  }
}
