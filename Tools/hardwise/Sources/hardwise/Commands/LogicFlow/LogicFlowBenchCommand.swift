import ArgumentParser
import Foundation
import LogicFlow
import LogicFlowVerify
import ReproductionKit

/// `hardwise logicflow bench`
struct LogicFlowBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "The converted program beside the baselines: every compiler that is here, one core."
  )

  @Argument(help: ArgumentHelp("The flows.", valueName: "flow.json"))
  var file: String

  @OptionGroup var rows: LogicFlowRows

  @OptionGroup var core: LogicFlowCore

  @OptionGroup var output: OutputOptions

  func run() throws {
    let file = try FlowFile(reading: URL(fileURLWithPath: file))
    let split = try rows.split()
    try requireWidth(split.test, file.network, rows.rows)
    let model = try core.model()
    let meter = CycleMeter(model, samples: split.test.prefix(2000))
    let programs = try programs(file, split, model)
    let hosts = CCompiler.installed(for: .host)
    let compilers = CCompiler.installed(for: .rv32)
    let expected = BatchClassifier(file.network).classify(meter.samples.features)
    var lines: [Row] = []
    for (name, program) in programs {
      let own = try meter.measure(program.machineCode(for: model), expected: expected)
      lines.append(Row(name, "own", own))
      for (compiler, level) in compilers.flatMap({ compiler in ["-O2", "-Os"].map { (compiler, $0) } }) {
        let code = try compiler.program(program.emitC(), entry: program.name, optimization: level)
        lines.append(Row(name, "\(compiler.tool.name) \(level)", try meter.measure(code, expected: expected)))
      }
    }
    let rivals = try rivals(file, split, meter.samples)
    for compiler in compilers {
      for rival in rivals {
        let code = try compiler.program(rival.source, entry: "classify")
        lines.append(
          Row(rival.name, "\(compiler.tool.name) -O2", try meter.measure(code, expected: rival.answers ?? expected)))
      }
    }
    let native = try native(
      programs.map { ($0.name, $0.program.emitC()) } + rivals.map { ($0.name, $0.source) }, meter.samples, hosts.first)
    var table = Table(
      title: "Mean cycles per test row on \(model.name)",
      caption: "absent: " + absent(compilers, hosts),
      columns: [
        .text("program"), .text("compiler"), .number("cycles", decimals: 0), .number("worst case"), .number("bytes"),
        .number("wrong answers"),
      ])
    for line in lines {
      table.append([
        .text(line.program), .text(line.compiler), .number(line.cycles), line.worstCase.map { .integer($0) } ?? nil,
        .integer(line.bytes), .integer(line.differing),
      ])
    }
    try output.emit(
      Summary(core: model.name, rows: lines, nativeNanoseconds: native),
      text: table.plainText(width: Terminal.width)
        + native.sorted { $0.key < $1.key }.map {
          String(format: "\n%@: %.1f ns per row on this machine", $0.key, $0.value)
        }.joined())
  }

  private func absent(_ compilers: [CCompiler], _ hosts: [CCompiler]) -> String {
    var names: [String] = []
    if !compilers.contains(where: { $0.tool.name == "clang" }) { names.append("clang for rv32") }
    if compilers.count < 2 { names.append("riscv64-unknown-elf-gcc") }
    if hosts.isEmpty { names.append("a C compiler for this machine") }
    if ExternalTool("qemu-riscv32") == nil { names.append("qemu-riscv32") }
    return names.isEmpty ? "nothing" : names.joined(separator: ", ")
  }

  /// Nanoseconds per row of C sources on this machine, interleaved.
  private func native(
    _ sources: [(name: String, source: String)], _ rows: IntegerSamples, _ compiler: CCompiler?
  ) throws -> [String: Double] {
    guard let compiler else { return [:] }
    let functions = try sources.map { ($0.name, try NativeFunction($0.source, name: "classify", compiler: compiler)) }
    var total = 0
    let timing = try InterleavedTimer(rounds: 5, minimumSampleSeconds: 0.002).measure(
      functions.map { name, function in
        (name: name, body: { total &+= function.sum(rows: rows.features, width: rows.width) })
      })
    return Dictionary(
      uniqueKeysWithValues: timing.names.map { ($0, timing.median($0).value * 1e9 / Double(rows.count)) })
  }

  private struct Row: Encodable {
    let program, compiler: String
    let cycles: Double
    let worstCase: Int?
    let bytes: Int
    /// Answers that differ from the network's, or from the tree's own.
    let differing: Int

    init(_ program: String, _ compiler: String, _ measured: CycleMeter.Measurement) {
      self.program = program
      self.compiler = compiler
      cycles = measured.mean
      worstCase = measured.worstCase
      bytes = measured.size
      differing = measured.disagreements
    }
  }

  private struct Summary: Encodable {
    let core: String
    let rows: [Row]
    let nativeNanoseconds: [String: Double]
  }
}

extension LogicFlowBenchCommand {
  /// The baselines of the specification's section 5 on the network of the file.
  private func programs(
    _ file: FlowFile, _ split: SampleSplit, _ model: CoreModel
  ) throws -> [(name: String, program: LogicProgram)] {
    let network = file.network
    let tuner = Autotuner(network, training: split.train, model: model, rows: 200)
    let tree = PathTree(network, features: split.train.features)
    let leaves = try LeafVerdicts(tree, limit: 200, budget: 20)
    func paperSchedule(_ mode: FlowMode) throws -> Autotuner.Choice {
      let finder = FlowFinder(mode: mode, limit: 10)
      return try tuner.paperSchedule(finder.candidates(leaves), finder, tree: tree)
    }
    let choices = [
      ("flowless best", try tuner.flowless()), ("zero skip", try tuner.zeroSkip()),
      ("paper flows, uncertified", try paperSchedule(.paper)),
      ("paper flows, certified", try paperSchedule(.certified)),
    ]
    return [("plain", LogicProgram(network: network))]
      + choices.map { ($0.0, LogicProgram(network: network, flows: $0.1.flows, schedule: $0.1.schedule)) }
      + [("this file", file.program())]
  }

  /// Programs that are not made of the network's instructions; trees have answers of their own.
  private func rivals(
    _ file: FlowFile, _ split: SampleSplit, _ samples: IntegerSamples
  ) throws -> [(name: String, source: String, answers: [Int]?)] {
    let cut = split.train.count * 4 / 5
    let held = split.train.rows(Array(cut..<split.train.count))
    let answers = BatchClassifier(file.network).classify(held.features)
    let accuracy = Double(zip(answers, held.labels).count { $0 == $1 }) / Double(max(held.count, 1))
    let tree = DecisionTree(split.train.prefix(cut), held: held, classes: split.classes, accuracy: accuracy)
    let forest = RandomForest(split.train.prefix(cut), held: held, classes: split.classes, accuracy: accuracy)
    return [
      ("loop", LoopKernel.emitC(file.network), nil),
      ("decision tree", tree.emitC(), (0..<samples.count).map { tree.classify(samples[$0]) }),
      ("random forest", forest.emitC(), (0..<samples.count).map { forest.classify(samples[$0]) }),
    ]
  }
}
