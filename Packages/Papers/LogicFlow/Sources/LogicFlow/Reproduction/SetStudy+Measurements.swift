import LogicFlowVerify
import ReproductionKit
import TinyTensor

extension SetStudy {
  /// A program's code through one compiler, with the answers it must give.
  private struct Job {
    var program: String
    var compiler: String
    var code: (CoreModel) throws -> RV32Program
    var expected: [Int]
  }

  /// Every program on every core, through the own back end and the compilers that are here, on the whole test split.
  func measure(
    _ result: inout SetResult, _ programs: Programs, _ competitors: Competitors, _ network: IntegerNetwork,
    _ split: SampleSplit
  ) throws {
    let expected = BatchClassifier(network).classify(split.test.features)
    var jobs = programs.measured.map { name, program in
      Job(program: name, compiler: "own", code: { program.machineCode(for: $0) }, expected: expected)
    }
    let treeAnswers = (0..<split.test.count).map { competitors.tree.classify(split.test[$0]) }
    let forestAnswers = (0..<split.test.count).map { competitors.forest.classify(split.test[$0]) }
    for compiler in CCompiler.installed(for: .rv32) {
      var sources = workload.optimizations.flatMap { level in
        programs.measured.map { (name: $0.name, level: level, source: $0.program.emitC(), expected: expected) }
      }
      sources += [
        ("loop", "-O2", LoopKernel.emitC(network), expected),
        ("decision tree", "-O2", competitors.tree.emitC(), treeAnswers),
        ("random forest", "-O2", competitors.forest.emitC(), forestAnswers),
      ]
      for (name, level, source, expected) in sources {
        try context.checkCancellation()
        let label = "\(compiler.tool.name) \(level)"
        switch Self.compiled(source, by: compiler, optimization: level) {
        case .success(let code):
          jobs.append(Job(program: name, compiler: label, code: { _ in code }, expected: expected))
        case .failure(let complaint):
          result.record(compiler: label + " rv32", answers: 0, differing: 0, complaint: complaint.description)
        }
      }
    }
    for name in workload.cores {
      let meter = CycleMeter(try CoreModel(named: name), samples: split.test)
      for job in jobs {
        try context.checkCancellation()
        try measure(&result, job, meter)
      }
    }
    let exits = (0..<split.test.count).count { programs.flows.run(split.test[$0]).exit < programs.flows.exits }
    result.coverage = Double(exits) / Double(max(split.test.count, 1))
  }

  /// The share of test rows that leave the best program through each kind of exit.
  func countExits(_ result: inout SetResult, _ best: Autotuner.Choice, _ program: LogicProgram, _ split: SampleSplit) {
    for row in 0..<split.test.count {
      let exit = program.run(split.test[row]).exit
      let kind =
        if exit < best.flows.count { best.flows[exit].kind } else { exit < program.exits ? "margin" : "whole network" }
      result.exits[kind, default: 0] += 1 / Double(split.test.count)
    }
  }

  private static func compiled(
    _ source: String, by compiler: CCompiler, optimization: String
  ) -> Result<RV32Program, LogicFlowError> {
    do { return .success(try compiler.program(source, entry: "classify", optimization: optimization)) } catch {
      return .failure(error)
    }
  }

  private func measure(_ result: inout SetResult, _ job: Job, _ meter: CycleMeter) throws {
    let measured = try meter.measure(job.code(meter.model), expected: job.expected)
    result.disagreements += measured.disagreements
    result.inputsTried += meter.samples.count
    if job.compiler != "own", meter.model.name == workload.cores[0] {
      result.record(
        compiler: job.compiler + " rv32", answers: meter.samples.count, differing: measured.disagreements)
    }
    result.rows.append(
      SetResult.Row(
        program: job.program, compiler: job.compiler, core: meter.model.name, mean: measured.mean, size: measured.size,
        stack: measured.stack, maximum: measured.maximum, worstCase: measured.worstCase))
    if meter.model.name == "ibex-small", job.compiler == "own" {
      let cycles = measured.cycles.map(Double.init)
      result.distributions.append(
        SetResult.Distribution(
          program: job.program, percentiles: (0...20).map { Statistics.percentile(cycles, Double($0) * 5) }))
    }
  }

  /// All rows, random inputs, and boundary inputs, through every compiler for this machine, or the simulator.
  func compare(
    _ result: inout SetResult, _ programs: Programs, _ network: IntegerNetwork, _ split: SampleSplit, _ flows: [Flow]
  ) throws {
    var random = Philox(seed: study.seed, stream: "logicflow.campaign.\(study.set)")
    var features = split.train.features + split.test.features
    let ranges = (0..<network.inputs).map(network.input.range)
    features.reserveCapacity(features.count + workload.randomInputs * network.inputs)
    for _ in 0..<workload.randomInputs {
      for range in ranges { features.append(UInt8(range.lowerBound + random.next(below: range.count))) }
    }
    features += BoundaryInputs.find(network, regions: flows.map(\.region), samples: split.train)
    let expected = BatchClassifier(network).classify(features)
    let compilers = CCompiler.installed(for: .host)
    for program in [programs.plain, programs.flows, programs.best] {
      try context.checkCancellation()
      for compiler in compilers {
        let label = "\(compiler.tool.name) -O2 this machine"
        switch Self.native(program, compiler) {
        case .success(let function):
          let answers = function.classify(rows: features, width: program.inputs)
          let differing = zip(answers, expected).count { $0 != $1 }
          result.record(compiler: label, answers: answers.count, differing: differing)
          result.inputsTried += answers.count
          result.disagreements += differing
        case .failure(let complaint):
          result.record(compiler: label, answers: 0, differing: 0, complaint: complaint.description)
        }
      }
      guard compilers.isEmpty else { continue }
      let answers = try simulated(program, features)
      result.inputsTried += answers.count
      result.disagreements += zip(answers, expected).count { $0 != $1 }
    }
    let rows = split.train.count + split.test.count
    let paper = (0..<rows).map { row in
      programs.paper.run(Array(features[row * network.inputs..<(row + 1) * network.inputs])).outcome
    }
    result.paperDisagreements = zip(paper, expected).count { $0 != $1 }
  }

  private static func native(
    _ program: LogicProgram, _ compiler: CCompiler
  ) -> Result<NativeFunction, LogicFlowError> {
    do { return .success(try NativeFunction(program.emitC(), name: program.name, compiler: compiler)) } catch {
      return .failure(error)
    }
  }

  /// Without a compiler the simulator answers, a fortieth of the rows.
  private func simulated(_ program: LogicProgram, _ features: [UInt8]) throws -> [Int] {
    let spike = try CoreModel(named: "spike")
    let machine = try RV32Machine(program.machineCode(for: spike), model: spike)
    return try stride(from: 0, to: features.count / 40, by: program.inputs).map {
      Int(try machine.call(Array(features[$0..<$0 + program.inputs])).result)
    }
  }

  func prove(
    _ result: inout SetResult, _ network: IntegerNetwork, _ split: SampleSplit, _ flows: [Flow],
    _ schedule: ProgramSchedule
  ) throws {
    let checker = CertificateChecker(network)
    let file = try FlowFile(network: network, scaler: split.scaler, flows: flows, schedule: schedule)
    let explainer = Explainer(file)
    for flow in flows {
      guard let certificate = flow.certificate else { continue }
      result.certificates += 1
      result.certificateLeaves += certificate.leaves
      do { try checker.check(certificate, region: flow.region, outcome: flow.outcome) } catch {
        result.refusedCertificates += 1
      }
      if flow.region.literals.count <= 3 { result.explanations.append(explainer.sentence(flow)) }
    }
    result.explanations.sort { $0.count < $1.count }
  }

  /// Instruction counts of the emitted C and of the own assembly, in both simulators, on a few test rows.
  func compareWithQemu(
    _ result: inout SetResult, _ programs: Programs, _ split: SampleSplit, _ network: IntegerNetwork
  ) throws {
    guard let reference = QemuReference() else { return }
    let rows = split.test.prefix(16)
    let expected = rows.labels.indices.map { network.classify(rows[$0]) }
    let model = try CoreModel(named: "ibex-small")
    for (name, program) in programs.measured {
      for source in [program.emitC(), program.emitInlineAssembly(for: model)] {
        let counts = try reference.compare(source, name: program.name, rows: rows, expected: expected)
        result.qemu.append(SetResult.InstructionCounts(program: name, own: counts.own, qemu: counts.qemu))
      }
    }
  }

  /// Interleaved latencies of the compiled programs on this machine.
  func time(
    _ result: inout SetResult, _ programs: Programs, _ network: IntegerNetwork, _ split: SampleSplit
  ) throws {
    guard let compiler = CCompiler.installed(for: .host).first else { return }
    let rows = split.test.prefix(2000)
    let sources =
      [("plain", programs.plain), ("certified flows", programs.flows), ("certified best", programs.best)].map {
        ($0.0, $0.1.emitC())
      } + [("loop", LoopKernel.emitC(network))]
    let functions = try sources.map { ($0.0, try NativeFunction($0.1, name: "classify", compiler: compiler)) }
    var total = 0
    let timing = try InterleavedTimer(rounds: 5, minimumSampleSeconds: 0.002).measure(
      functions.map { name, function in
        (name: name, body: { total &+= function.sum(rows: rows.features, width: rows.width) })
      })
    for name in timing.names { result.native[name] = timing.median(name).value * 1e9 / Double(rows.count) }
  }
}
