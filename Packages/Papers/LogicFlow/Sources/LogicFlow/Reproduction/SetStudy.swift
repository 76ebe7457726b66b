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
  private struct Programs {
    var plain, flowless, zeroSkip, flows, flowsBare, best: LogicProgram
    var paper: LogicProgram

    var measured: [(String, LogicProgram)] {
      [
        ("plain", plain), ("flowless best", flowless), ("zero skip", zeroSkip), ("certified flows", flows),
        ("same order, no tests", flowsBare), ("certified best", best),
      ]
    }
  }

  func run() throws -> SetResult {
    let split = try SampleSplit(table)
    progress.report(0.02, "training")
    let trainer = NetworkTrainer(
      epochs: workload.epochs(rows: split.train.count), l1: study.l1, seed: study.seed)
    let float = try trainer.train(split.train, classes: split.classes)
    let network = try Quantizer.quantize(float, calibration: split.train, names: split.names)
    try context.checkCancellation()
    progress.report(0.15, "deciding leaves")
    let tree = PathTree(network, features: split.train.features)
    let leaves = try LeafVerdicts(
      tree, limit: split.classes > 4 ? workload.leaves / 8 : workload.leaves, budget: workload.budget,
      checkCancellation: context.checkCancellation)
    progress.report(0.4, "reducing paths")
    let certified = FlowFinder(mode: .certified, limit: workload.candidates, seed: study.seed).flows(leaves)
    let counted = FlowFinder(mode: .paper, limit: workload.candidates, seed: study.seed).flows(leaves)
    try context.checkCancellation()
    progress.report(0.6, "choosing programs")
    // Boxes of many classes are hopeless and cost a bisection per feature, side and rival.
    let boxes =
      split.classes > 4
      ? [] : BoxFinder(network).flows(split.train, outcomes: BatchClassifier(network).classify(split.train.features))
    let tuner = try Autotuner(
      network, training: split.train, model: CoreModel(named: "ibex-small"), rows: workload.tuningRows)
    let paperStyle = try tuner.paperSchedule(certified, tree: tree)
    let uncertified = try tuner.paperSchedule(counted, tree: tree)
    let best = try tuner.everything(boxes + certified)
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
    result.candidates = certified.count
    result.flows = paperStyle.flows.count
    result.boxes = best.flows.count { !$0.region.bounds.isEmpty }
    result.margins = best.schedule.marginChecks.count
    result.paperFlows = uncertified.flows.count
    try measure(&result, programs, network, split)
    progress.report(0.85, "comparing answers")
    try compare(&result, programs, network, split, paperStyle.flows + best.flows)
    try prove(&result, network, split, paperStyle.flows + best.flows, best.schedule)
    try time(&result, programs, network, split)
    progress.report(1, "done")
    return result
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
      floatAccuracy: Double(floatRight) / Double(split.test.count), treeAccuracy: 0,
      paths: leaves.tree.paths.count, decidedLeaves: leaves.verdicts.count, constantShare: leaves.constantShare,
      refuted: leaves.verdicts.count { $0.name == "refuted" },
      undecided: leaves.verdicts.count { $0.name == "undecided" },
      candidates: 0, flows: 0, boxes: 0, margins: 0, coverage: 0, inputsTried: 0, disagreements: 0,
      paperDisagreements: 0,
      paperFlows: 0, certificates: 0, certificateLeaves: 0, refusedCertificates: 0, rows: [], distributions: [],
      explanations: [], native: [:])
  }

  /// The shallowest tree that reaches the network's accuracy on a fifth of the training rows, which it was not grown on.
  private func competitor(_ network: IntegerNetwork, _ split: SampleSplit) -> DecisionTree {
    let cut = split.train.count * 4 / 5
    let held = split.train.rows(Array(cut..<split.train.count))
    return DecisionTree(
      split.train.prefix(cut), held: held, classes: split.classes,
      accuracy: Self.accuracy(BatchClassifier(network).classify(held.features), held.labels))
  }

  private static func accuracy(_ outcomes: [Int], _ labels: [Int]) -> Double {
    Double(zip(outcomes, labels).count { $0 == $1 }) / Double(max(labels.count, 1))
  }

  /// Every program on every core, through the own back end and the compilers that are here.
  private func measure(
    _ result: inout SetResult, _ programs: Programs, _ network: IntegerNetwork, _ split: SampleSplit
  ) throws {
    let samples = split.test.prefix(workload.measuredRows)
    let expected = BatchClassifier(network).classify(samples.features)
    let tree = competitor(network, split)
    result.treeAccuracy = tree.accuracy(split.test)
    let treeAnswers = (0..<samples.count).map { tree.classify(samples[$0]) }
    let compilers = CCompiler.installed(for: .rv32)
    var jobs: [(program: String, compiler: String, code: (CoreModel) throws -> RV32Program, expected: [Int])] = []
    for (name, program) in programs.measured {
      jobs.append((name, "own", { program.machineCode(for: $0) }, expected))
      for compiler in compilers {
        for level in workload.optimizations {
          let code = try compiler.program(program.emitC(), entry: program.name, optimization: level)
          jobs.append((name, "\(compiler.tool.name) \(level)", { _ in code }, expected))
        }
      }
    }
    for compiler in compilers {
      let loop = try compiler.program(LoopKernel.emitC(network), entry: "classify")
      jobs.append(("loop", "\(compiler.tool.name) -O2", { _ in loop }, expected))
      let nested = try compiler.program(tree.emitC(), entry: "classify")
      jobs.append(("decision tree", "\(compiler.tool.name) -O2", { _ in nested }, treeAnswers))
    }
    for name in workload.cores {
      let meter = CycleMeter(try CoreModel(named: name), samples: samples)
      for job in jobs {
        try context.checkCancellation()
        let measured = try meter.measure(job.code(meter.model), expected: job.expected)
        result.disagreements += measured.disagreements
        result.inputsTried += samples.count
        result.rows.append(
          SetResult.Row(
            program: job.program, compiler: job.compiler, core: name, mean: measured.mean, size: measured.size,
            stack: measured.stack, maximum: measured.maximum, worstCase: measured.worstCase))
        if name == "ibex-small", job.compiler == "own" {
          let cycles = measured.cycles.map(Double.init)
          result.distributions.append(
            SetResult.Distribution(
              program: job.program, percentiles: (0...20).map { Statistics.percentile(cycles, Double($0) * 5) }))
        }
      }
    }
    let exits = (0..<samples.count).count { programs.flows.run(samples[$0]).exit < programs.flows.exits }
    result.coverage = Double(exits) / Double(max(samples.count, 1))
  }

  /// All rows, random inputs, and boundary inputs, through the compiled program where a compiler is here.
  private func compare(
    _ result: inout SetResult, _ programs: Programs, _ network: IntegerNetwork, _ split: SampleSplit, _ flows: [Flow]
  ) throws {
    var random = Philox(seed: study.seed, stream: "logicflow.campaign.\(study.set)")
    var features = split.train.features + split.test.features
    let ranges = (0..<network.inputs).map(network.input.range)
    features.reserveCapacity(features.count + workload.randomInputs * network.inputs)
    for _ in 0..<workload.randomInputs {
      for range in ranges { features.append(UInt8(range.lowerBound + random.next(below: range.count))) }
    }
    features += BoundaryInputs.find(
      network, literals: Set(flows.flatMap(\.region.literals)).sorted(), samples: split.train)
    let expected = BatchClassifier(network).classify(features)
    for program in [programs.plain, programs.flows, programs.best] {
      try context.checkCancellation()
      let answers = try answers(program, features)
      result.inputsTried += answers.count
      result.disagreements += zip(answers, expected).count { $0 != $1 }
    }
    let rows = split.train.count + split.test.count
    let paper = try answers(programs.paper, Array(features[..<(rows * network.inputs)]))
    result.paperDisagreements = zip(paper, expected).count { $0 != $1 }
  }

  private func answers(_ program: LogicProgram, _ features: [UInt8]) throws -> [Int] {
    if let compiler = CCompiler.installed(for: .host).first {
      let function = try NativeFunction(program.emitC(), name: program.name, compiler: compiler)
      return function.classify(rows: features, width: program.inputs)
    }
    // Without a compiler the simulator answers, a fortieth of the rows.
    let machine = try RV32Machine(program.machineCode(for: CoreModel(named: "spike")), model: CoreModel(named: "spike"))
    return try stride(from: 0, to: features.count / 40, by: program.inputs).map {
      Int(try machine.call(Array(features[$0..<$0 + program.inputs])).result)
    }
  }

  private func prove(
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

  /// Interleaved latencies of the compiled programs on this machine.
  private func time(
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
