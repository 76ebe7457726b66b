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
    let expected = BatchClassifier(file.network).classify(split.test.features)
    let meter = CycleMeter(model, samples: split.test.prefix(2000))
    let tuner = Autotuner(file.network, training: split.train, model: model, rows: 200)
    let flowless = LogicProgram(network: file.network, schedule: try tuner.flowless().schedule)
    let programs = [
      ("plain", LogicProgram(network: file.network)), ("flowless best", flowless), ("this file", file.program()),
    ]
    let hosts = CCompiler.installed(for: .host)
    let compilers = CCompiler.installed(for: .rv32)
    var lines: [Row] = []
    for (name, program) in programs {
      var measured = [("own", try meter.measure(program.machineCode(for: model), expected: expected))]
      for compiler in compilers {
        for level in ["-O2", "-Os"] {
          let code = try compiler.program(program.emitC(), entry: program.name, optimization: level)
          measured.append(("\(compiler.tool.name) \(level)", try meter.measure(code, expected: expected)))
        }
      }
      lines += measured.map {
        Row(program: name, compiler: $0.0, cycles: $0.1.mean, worstCase: $0.1.worstCase, bytes: $0.1.size)
      }
    }
    for compiler in compilers {
      let loop = try meter.measure(
        compiler.program(LoopKernel.emitC(file.network), entry: "classify"), expected: expected)
      lines.append(
        Row(program: "loop", compiler: "\(compiler.tool.name) -O2", cycles: loop.mean, worstCase: nil, bytes: loop.size)
      )
    }
    let native = try native(programs, file, split, hosts.first)
    var table = Table(
      title: "Mean cycles per test row on \(model.name)",
      caption: "absent: " + absent(compilers, hosts),
      columns: [
        .text("program"), .text("compiler"), .number("cycles", decimals: 0), .number("worst case"), .number("bytes"),
      ])
    for line in lines {
      table.append([
        .text(line.program), .text(line.compiler), .number(line.cycles), line.worstCase.map { .integer($0) } ?? nil,
        .integer(line.bytes),
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

  private func native(
    _ programs: [(String, LogicProgram)], _ file: FlowFile, _ split: SampleSplit, _ compiler: CCompiler?
  ) throws -> [String: Double] {
    guard let compiler else { return [:] }
    let rows = split.test.prefix(2000)
    let sources = programs.map { ($0.0, $0.1.emitC()) } + [("loop", LoopKernel.emitC(file.network))]
    let functions = try sources.map { ($0.0, try NativeFunction($0.1, name: "classify", compiler: compiler)) }
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
  }

  private struct Summary: Encodable {
    let core: String
    let rows: [Row]
    let nativeNanoseconds: [String: Double]
  }
}
