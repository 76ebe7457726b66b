import Foundation
import LogicFlow
import LogicFlowVerify
import Testing
import TinyTensor

/// Schedules that differ in every choice.
private let schedules: [ProgramSchedule] = [
  .plain, ProgramSchedule(order: .outputStationary), ProgramSchedule(order: .outputStationary, fusesLogits: true),
  ProgramSchedule(skipsZeros: true), ProgramSchedule(fusesLogits: true, skipsZeros: true),
  ProgramSchedule(order: .outputStationary, stopsNegatives: true),
  ProgramSchedule(order: .outputStationary, fusesLogits: true, neuronOrder: [3, 1], marginChecks: [1, 2, 4]),
  ProgramSchedule(fusesLogits: true, skipsZeros: true, marginChecks: [2]),
]

/// Networks of two and more classes, with wide products in the last.
private func networks() throws -> [IntegerNetwork] {
  var networks = try [[5, 6, 5, 2], [4, 5, 3], [3, 8, 6, 4, 5]].enumerated().map {
    try randomNetwork($1, seed: UInt64(40 + $0))
  }
  var layers = networks[1].layers
  let size = layers[0].bias.count
  layers[0].requant?.multiplier = Array(repeating: 1_900_000_011, count: size)
  layers[0].requant?.shift = Array(0..<size).map { UInt8([30, 28, 25, 4, 0][$0]) }
  networks.append(try IntegerNetwork(input: networks[1].input, layers: layers))
  return networks
}

/// Two true flows with asymmetric sign patterns, made of what the network does with some rows.
private func flows(_ network: IntegerNetwork, _ rows: [[UInt8]]) -> [Flow] {
  let prover = Prover(network, budget: 200)
  var flows: [Flow] = []
  for row in rows where flows.count < 2 {
    let pattern = BatchClassifier(network).paths(row)[0]
    let region = Region(literals: pattern.pattern.literals(network))
    if case .proved(let certificate) = prover.decide(region, outcome: pattern.outcome) {
      flows.append(Flow(region: region, outcome: pattern.outcome, certificate: certificate))
    }
  }
  return flows
}

private func rows(_ network: IntegerNetwork, _ count: Int) -> [[UInt8]] {
  let flat = randomRows(count, network)
  return (0..<count).map { Array(flat[$0 * network.inputs..<($0 + 1) * network.inputs]) }
    + [Array(repeating: 0, count: network.inputs), Array(repeating: UInt8(network.input.upper), count: network.inputs)]
}

@Suite struct ProgramTests {
  @Test func interpreterAndOwnCodeEqualTheNetwork() throws {
    var fired = 0
    for network in try networks() {
      let inputs = rows(network, 150)
      for schedule in schedules {
        for flows in [[], flows(network, inputs)] {
          let program = LogicProgram(network: network, flows: flows, schedule: schedule)
          let machines = try ["spike", "ibex-small"].map { name in
            let model = try CoreModel(named: name)
            return try RV32Machine(program.machineCode(for: model), model: model)
          }
          for x in inputs {
            let outcome = program.run(x)
            #expect(outcome.outcome == network.classify(x))
            if outcome.exit < program.exits { fired += 1 }
            for machine in machines { #expect(try Int(machine.call(x).result) == outcome.outcome) }
          }
        }
      }
    }
    #expect(fired > 100)
  }

  /// gcc and clang, host and RISC-V: no warnings, and the same answers.
  @Test(.enabled(if: !CCompiler.installed(for: .host).isEmpty)) func compiledCodeEqualsTheNetwork() throws {
    let spike = try CoreModel(named: "spike")
    for network in try networks() {
      let inputs = rows(network, 60)
      for schedule in [schedules[0], schedules[4], schedules[6]] {
        let program = LogicProgram(network: network, flows: flows(network, inputs), schedule: schedule)
        let source = program.emitC()
        for compiler in CCompiler.installed(for: .host) {
          let function = try NativeFunction(source, name: program.name, compiler: compiler)
          for x in inputs { #expect(function.classify(x) == network.classify(x)) }
        }
        for compiler in CCompiler.installed(for: .rv32) {
          for level in ["-O2", "-Os"] {
            let machine = try RV32Machine(
              compiler.program(source, entry: program.name, optimization: level), model: spike)
            for x in inputs { #expect(try Int(machine.call(x).result) == network.classify(x)) }
          }
        }
      }
    }
  }

  /// The Swift text, compiled by the compiler that is here, prints the network's answers.
  @Test(.enabled(if: ExternalTool("swiftc") != nil)) func swiftTextEqualsTheNetwork() throws {
    let network = try networks()[3]
    let inputs = rows(network, 40)
    let program = LogicProgram(network: network, flows: flows(network, inputs), schedule: schedules[5])
    let swiftc = try #require(ExternalTool("swiftc"))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("logicflow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (text, binary) = (folder.appendingPathComponent("main.swift"), folder.appendingPathComponent("main"))
    let call = "\nlet rows: [[UInt8]] = \(inputs)\nprint(rows.map(classify))\n"
    try (program.emitSwift() + call).write(to: text, atomically: true, encoding: .utf8)
    try swiftc.run(["-warnings-as-errors", "-o", binary.path, text.path])
    let answers = try #require(ExternalTool("main", environment: ["PATH": folder.path])).run([])
    #expect(answers == "\(inputs.map(network.classify))\n")
  }

  /// The own assembly text means the same to clang's assembler as to our encoder.
  @Test(.enabled(if: CCompiler("clang", for: .rv32) != nil)) func assemblyTextEqualsMachineCode() throws {
    let network = try networks()[0]
    let model = try CoreModel(named: "ibex-small")
    let program = LogicProgram(network: network, flows: flows(network, rows(network, 40)), schedule: schedules[6])
    let clang = try #require(ExternalTool("clang"))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("logicflow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (text, elf) = (folder.appendingPathComponent("f.s"), folder.appendingPathComponent("f.elf"))
    try program.emitAssembly(for: model).write(to: text, atomically: true, encoding: .utf8)
    try clang.run([
      "--target=riscv32-unknown-elf", "-march=rv32im", "-mabi=ilp32", "-nostdlib", "-static", "-fuse-ld=lld",
      "-Wl,-e,\(program.name)", "-o", elf.path, text.path,
    ])
    let linked = try RV32Program(elf: Data(contentsOf: elf))
    let code = try #require(linked.segments.first { $0.isCode && $0.address <= linked.entry })
    let own = program.machineCode(for: model).segments[0].bytes
    let start = Int(linked.entry - code.address)
    #expect(Array(code.bytes[start..<start + own.count]) == own)
  }

  /// The bound is a bound, and some input reaches most of it.
  @Test func worstCaseBoundsEveryRun() throws {
    for name in CoreModel.presetNames {
      let model = try CoreModel(named: name)
      let network = try networks()[0]
      let program = LogicProgram(network: network, schedule: schedules[6])
      let machine = try RV32Machine(program.machineCode(for: model), model: model)
      let worst = try #require(machine.worstCase())
      let seen = try rows(network, 300).map { try Int(machine.call($0).cycles) }
      #expect((seen.max() ?? 0) <= worst && (seen.max() ?? 0) * 2 > worst)
    }
  }
}
