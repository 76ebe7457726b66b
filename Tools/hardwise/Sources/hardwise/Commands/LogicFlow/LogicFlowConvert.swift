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

  @Argument(help: ArgumentHelp("The network.", valueName: "net.json"))
  var network: String

  @Option(help: ArgumentHelp("The table the network was trained on.", valueName: "rows"))
  var train: String

  @Option(help: "certified (every flow proved) or paper (sample counts only).")
  var mode = FlowMode.certified

  @Option(help: "What to use, separated by commas: signs, margin, box.")
  var kinds = "signs,margin,box"

  @Option(name: .customLong("max-wcet"), help: "Largest static worst case, in cycles of the core.")
  var maximumWorstCase: Int?

  @OptionGroup var core: LogicFlowCore

  @Option(help: "Seed of orders and annealing.")
  var seed: UInt64 = 0

  @Option(name: [.customShort("o"), .long], help: ArgumentHelp("Where to write the flows.", valueName: "flow.json"))
  var output = "flow.json"

  @OptionGroup var print: OutputOptions

  func run() throws {
    let chosen = Set(kinds.split(separator: ",").map(String.init))
    guard chosen.isSubset(of: ["signs", "margin", "box"]) else {
      throw ValidationError("--kinds \(kinds): expected some of signs, margin, box")
    }
    let network = try NetworkFile.read(URL(fileURLWithPath: network))
    let split = try SampleSplit(LogicFlowTable.open(train))
    try requireWidth(split.train, network, train)
    let model = try core.model()
    let progress = ProgressReporter(sink: TerminalProgressSink())
    let tree = PathTree(network, features: split.train.features)
    let leaves = try LeafVerdicts(tree, limit: 300, budget: 40, progress: progress.phase("leaves", from: 0, to: 0.5))
    var flows: [Flow] = []
    if chosen.contains("box"), mode == .certified {
      flows += BoxFinder(network).flows(
        split.train, outcomes: BatchClassifier(network).classify(split.train.features))
    }
    let signs = FlowFinder(mode: mode, seed: seed).flows(leaves, progress: progress.phase("paths", from: 0.5, to: 0.8))
    if chosen.contains("signs") { flows += signs }
    var tuner = Autotuner(network, training: split.train, model: model)
    tuner.maximumWorstCase = maximumWorstCase
    let choice =
      mode == .paper
      ? try tuner.paperSchedule(signs, tree: tree) : try tuner.everything(flows, margins: chosen.contains("margin"))
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
      let tests = flow.region.literals.count + flow.region.bounds.count
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
