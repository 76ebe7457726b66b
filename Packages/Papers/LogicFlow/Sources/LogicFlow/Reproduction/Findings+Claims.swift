import ReproductionKit

extension Findings {
  /// R1–R7 with the criteria of the specification; R8 and R9 on the tools themselves.
  func claims() -> [Claim] {
    [
      headline(), noLoss(), constantLeaves(), flowsAgainstFlags(), exitsOnOccupancy(), exitsOverSets(), ownBackend(),
      manyClasses(), compiledCode(), independentSimulator(),
    ]
  }

  private func compiledCode() -> Claim {
    let statement = "emitted C compiles without a warning and answers like the Swift model on whole test sets"
    let checks = results.flatMap(\.compiled)
    guard !checks.isEmpty else {
      return .notTested(id: "R8", statement: statement, criterion: .exactly(0), reason: "no C compiler is installed")
    }
    var names: [String] = []
    for check in checks where !names.contains(check.compiler) { names.append(check.compiler) }
    let perCompiler = names.map { name in
      let own = checks.filter { $0.compiler == name }
      return "\(name): \(own.reduce(0) { $0 + $1.programs }) programs, \(own.reduce(0) { $0 + $1.answers }) answers"
    }
    let absent = CCompiler.Target.allCases.flatMap { target in
      ["clang", "gcc"].filter { CCompiler($0, for: target) == nil }.map { "\($0) for \(target.rawValue)" }
    }
    let complaints = checks.flatMap(\.complaints)
    return Claim(
      id: "R8", statement: statement,
      measured: MeasuredValue(
        Double(checks.reduce(0) { $0 + $1.differing } + complaints.count), label: "differing answers and warnings",
        decimals: 0),
      criterion: .exactly(0),
      note: "-Wall -Wextra -Wpedantic -Wconversion -Werror; " + perCompiler.joined(separator: "; ")
        + (absent.isEmpty ? "" : "; absent: " + absent.joined(separator: ", "))
        + (complaints.first.map { "; " + $0 } ?? ""))
  }

  private func independentSimulator() -> Claim {
    let statement = "the simulator retires as many instructions as qemu-riscv32 on the emitted programs"
    let counts = results.flatMap(\.qemu)
    guard !counts.isEmpty else {
      return .notTested(
        id: "R9", statement: statement, criterion: .exactly(0), reason: "qemu-riscv32 or a compiler for RV32 is missing"
      )
    }
    return Claim(
      id: "R9", statement: statement,
      measured: MeasuredValue(
        Double(counts.reduce(0) { $0 + abs($1.own - $1.qemu) }), label: "difference in instructions", decimals: 0),
      criterion: .exactly(0),
      note: "\(counts.count) programs, C and own assembly, \(counts.reduce(0) { $0 + $1.own }) instructions")
  }

  private func headline() -> Claim {
    let rows = results.filter { $0.classes == 2 && !$0.isSynthetic }.compactMap { result in
      ratio("certified flows", over: "plain", compiler, result).map { (result, $0) }
    }
    let statement = "certified sign flows cut latency of some set by 14.9 % or more at equal compiler and flags"
    guard let best = rows.min(by: { $0.1 < $1.1 }) else {
      return .notTested(
        id: "R1", statement: statement, paperValue: "up to 14.9 %", criterion: .atLeast(14.9),
        reason: "no real data set")
    }
    let bare =
      ratio("certified flows", over: "same order, no tests", compiler, best.0).map { percent(1 - $0) } ?? "unknown"
    return Claim(
      id: "R1", statement: statement, paperValue: "up to 14.9 %",
      measured: MeasuredValue(100 * (1 - best.1), unit: "%", label: best.0.name, decimals: 1),
      criterion: .atLeast(14.9),
      note: "\(compiler), spike, test rows; against the same order without tests \(bare); all: "
        + rows.map { "\($0.0.name) \(percent(1 - $0.1))" }.joined(separator: ", "))
  }

  private func noLoss() -> Claim {
    let tried = results.reduce(0) { $0 + $1.inputsTried }
    let paper = results.reduce(0) { $0 + $1.paperDisagreements }
    let certificates = results.reduce(0) { $0 + $1.certificates }
    return Claim(
      id: "R2", statement: "no accuracy loss: answers that differ from the network, and certificates that are refused",
      paperValue: "0",
      measured: MeasuredValue(
        Double(results.reduce(0) { $0 + $1.disagreements + $1.refusedCertificates }), decimals: 0),
      criterion: .exactly(0),
      note: "\(tried) answers compared: all rows, random and boundary inputs; \(certificates) certificates with "
        + "\(results.reduce(0) { $0 + $1.certificateLeaves }) leaves checked in integers. The paper's uncertified flows differ on "
        + "\(paper) rows.")
  }

  private func constantLeaves() -> Claim {
    let statement = "constant leaves are common: share of training samples on occupancy, every seed"
    let shares = main("occupancy").filter { !$0.isSynthetic }.map {
      MeasuredValue($0.constantShare, label: "seed \($0.seed)", decimals: 3)
    }
    guard !shares.isEmpty else {
      return .notTested(id: "R3", statement: statement, criterion: .atLeast(0.25), reason: "occupancy was not run")
    }
    return Claim(id: "R3", statement: statement, measured: shares, criterion: .atLeast(0.25))
  }

  private func flowsAgainstFlags() -> Claim {
    let statement = "flows or flags: both gains are printed; no criterion"
    // By the name of the tool: "clang", "riscv64-unknown-elf-gcc", …
    let labels = Set(results.flatMap { $0.rows.map(\.compiler) }.filter { $0.hasSuffix(" -O2") })
    let measured = labels.map { $0.dropLast(" -O2".count) }.sorted().flatMap { compiler -> [MeasuredValue] in
      var flows: [Double] = []
      var flags: [Double] = []
      for result in results where result.classes == 2 {
        guard let flow = ratio("certified flows", over: "plain", "\(compiler) -O2", result),
          let small = result.mean("plain", "\(compiler) -Os", "spike"),
          let fast = result.mean("plain", "\(compiler) -O2", "spike")
        else { return [] }
        flows.append(100 * (1 - flow))
        flags.append(100 * (1 - small / fast))
      }
      guard !flows.isEmpty else { return [] }
      return [
        MeasuredValue(Statistics.mean(flows), unit: "%", label: "\(compiler): flows at equal flags", decimals: 1),
        MeasuredValue(
          Statistics.mean(flags), unit: "%", label: "\(compiler): -Os instead of -O2 at equal code", decimals: 1),
      ]
    }
    guard !measured.isEmpty else {
      return .notTested(id: "R4", statement: statement, reason: "no C compiler for RV32 is installed")
    }
    return Claim(id: "R4", statement: statement, measured: measured, criterion: .reported)
  }

  private func gain(_ result: SetResult) -> Double? {
    guard let best = result.mean("certified best", "own", "ibex-small"),
      let flowless = result.mean("flowless best", "own", "ibex-small")
    else { return nil }
    return best / flowless
  }

  private func exitsOnOccupancy() -> Claim {
    let statement = "exact exits beat sign flows: certified best over flowless best on occupancy"
    let ratios = main("occupancy").filter { !$0.isSynthetic }.compactMap(gain)
    guard !ratios.isEmpty else {
      return .notTested(id: "R5a", statement: statement, criterion: .atMost(0.75), reason: "occupancy was not run")
    }
    return Claim(
      id: "R5a", statement: statement, measured: MeasuredValue(samples: ratios, decimals: 3), criterion: .atMost(0.75),
      note: "own back end, ibex-small, test rows, mean over seeds")
  }

  private func exitsOverSets() -> Claim {
    let statement = "exact exits: median of certified best over flowless best, six two-class sets"
    let names = Workload.sets.filter { $0 != "optdigits" }
    let ratios = names.compactMap { name -> Double? in
      let values = main(name).filter { !$0.isSynthetic }.compactMap(gain)
      return values.isEmpty ? nil : Statistics.mean(values)
    }
    guard ratios.count == names.count else {
      return .notTested(
        id: "R5b", statement: statement, criterion: .atMost(0.92),
        reason: "\(ratios.count) of \(names.count) sets were run; the full scale runs all")
    }
    return Claim(
      id: "R5b", statement: statement, measured: MeasuredValue(Statistics.median(ratios), decimals: 3),
      criterion: .atMost(0.92))
  }

  private func ownBackend() -> Claim {
    let statement = "own RV32IM back end over the best of clang -O2 and -Os, same programs, mean over sets"
    let programs = ["plain", "flowless best", "certified flows", "certified best"]
    func mean(_ core: String) -> Double? {
      var ratios: [Double] = []
      for result in results {
        for program in programs {
          guard let own = result.mean(program, "own", core), let fast = result.mean(program, "clang -O2", core),
            let small = result.mean(program, "clang -Os", core)
          else { return nil }
          ratios.append(own / min(fast, small))
        }
      }
      return ratios.isEmpty ? nil : Statistics.mean(ratios)
    }
    guard let spike = mean("spike"), let small = mean("ibex-small") else {
      return .notTested(
        id: "R6", statement: statement, criterion: .atMost(1), reason: "clang for RV32 is not installed")
    }
    return Claim(
      id: "R6", statement: statement,
      measured: [
        MeasuredValue(spike, label: "spike", decimals: 3), MeasuredValue(small, label: "ibex-small", decimals: 3),
      ], criterion: .atMost(1))
  }

  private func manyClasses() -> Claim {
    let statement = "honest negative: share of training samples in constant leaves on optdigits (ten classes)"
    let shares = main("optdigits").filter { !$0.isSynthetic }.map {
      MeasuredValue($0.constantShare, label: "seed \($0.seed)", decimals: 4)
    }
    guard !shares.isEmpty else {
      return .notTested(id: "R7", statement: statement, reason: "optdigits is part of the full scale")
    }
    return Claim(id: "R7", statement: statement, measured: shares, criterion: .reported)
  }

  func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}
