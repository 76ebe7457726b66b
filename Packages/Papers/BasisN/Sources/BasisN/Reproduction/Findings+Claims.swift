import ReproductionKit

extension Findings {
  /// C1–C10 in order, with the thresholds of the specification.
  func claims() throws -> [Claim] {
    [
      try neverReprogrammed(), accuracy(), trainingIsEssential(), try cyclesMultiBit(), try cyclesBitSerial(),
      try cyclesDigitalReuse(), try energyDelay(), parallelism(), scheduleQuality(), try moreCrossbars(),
      try hardwareOverhead(), trainingCost(),
    ]
  }

  private func neverReprogrammed() throws -> Claim {
    var worst = 0.0
    var once: [String] = []
    for crossbars in [1, 2, 4, 8, 16, 32] {
      let model = try CostModel(costs.hardware, write: Self.slowWrite, crossbars: crossbars)
      let loads = crossbars == 1 ? smallLoads : mainLoads
      let replicas = max(1, crossbars / (crossbars == 1 ? 1 : Self.mainCrossbars))
      for load in loads.loads { worst = max(worst, try model.basis(load, replicas: replicas).writesPerCell) }
      let write = model.basisWrite(vectors: crossbars * costs.hardware.signedColumns)
      once.append("X = \(crossbars): \(text(write.picojoules * 1e-6)) µJ")
    }
    let time = try CostModel(costs.hardware, write: Self.slowWrite, crossbars: 1).tileWriteCycles * 1e-7
    return Claim(
      id: "C1", statement: "never reprogrammed: writes of a cell per inference, X = 1…32, every network",
      paperValue: "0", measured: MeasuredValue(worst, unit: "writes", decimals: 0), criterion: .exactly(0),
      note: "written once, in \(text(time)) s with all crossbars in parallel: " + once.joined(separator: ", "))
  }

  private func accuracy() -> Claim {
    let statement =
      scale == .full
      ? "accuracy near the float network: main configuration within 3.0 points, exact integers"
      : "quick: the main configuration reaches 75 % after \(main.steps) steps"
    if let reason = subject.reason {
      return .notTested(id: "C2", statement: statement, paperValue: "near the baseline", reason: reason)
    }
    let note =
      "float \(text(reference.float)) %, 8-bit digital \(text(reference.digital)) %, without contest term "
      + "\(text(twin.trained)) %, \(main.images) test images"
    guard scale == .full else {
      return Claim(
        id: "C2", statement: statement, paperValue: "near the baseline",
        measured: MeasuredValue(main.trained, unit: "%", decimals: 2), criterion: .atLeast(75), note: note)
    }
    return Claim(
      id: "C2", statement: statement, paperValue: "near the baseline",
      measured: MeasuredValue(reference.float - main.trained, unit: "points lost", decimals: 2), criterion: .atMost(3),
      note: note)
  }

  private func trainingIsEssential() -> Claim {
    let statement = "training is essential: conversion alone loses at least 20 points more than the fine-tuned network"
    if let reason = subject.reason { return .notTested(id: "C3", statement: statement, reason: reason) }
    return Claim(
      id: "C3", statement: statement,
      measured: MeasuredValue(main.trained - main.converted, unit: "points", decimals: 2), criterion: .atLeast(20),
      note: "converted \(text(main.converted)) %, new batch-norm statistics \(text(main.recalibrated)) %, fine-tuned "
        + "\(text(main.trained)) %")
  }

  private func percents(
    _ loads: CostStudy.Loads, write: String, crossbars: Int, dacBits: Int, combiner: Combiner = .analogRouting,
    energy: Bool = false
  ) throws -> [MeasuredValue] {
    try zip(loads.loads, costs.shapes).map { load, shape in
      let percent = try costs.percent(
        load, shape, write: write, crossbars: crossbars, dacBits: dacBits, combiner: combiner)
      return MeasuredValue(
        energy ? percent.energyDelay : percent.cycles, unit: "%", label: shape.name, decimals: energy ? 4 : 3)
    }
  }

  private var extrapolation: String {
    mainLoads.real == nil
      ? "all loads drawn from the small network's patterns"
      : "ResNet-20 from its own schedules; the others drawn from ResNet-20's usage distribution (an extrapolation)"
  }

  private func cyclesMultiBit() throws -> Claim {
    let values = try percents(mainLoads, write: Self.slowWrite, crossbars: Self.mainCrossbars, dacBits: 8)
    return Claim(
      id: "C4a",
      statement:
        "cycles below 1 % of reprogramming: \(Self.slowWrite), multi-bit inputs, batch 1, scheduled, every network",
      paperValue: "< 1 %", measured: values, criterion: .each(values.map { _ in .atMost(1) }), note: extrapolation)
  }

  private func cyclesBitSerial() throws -> Claim {
    let values = try percents(mainLoads, write: Self.slowWrite, crossbars: Self.mainCrossbars, dacBits: 1)
    let target = values[1]
    return Claim(
      id: "C4b", statement: "the same with bit-serial inputs for ResNet-18 on CIFAR-100, contest-aware",
      paperValue: "< 1 %", measured: target, criterion: .atMost(1),
      note: "all: " + values.map { "\($0.label) \(text($0.value)) %" }.joined(separator: ", "))
  }

  private func cyclesDigitalReuse() throws -> Claim {
    let values = try percents(smallLoads, write: Self.fastWrite, crossbars: 1, dacBits: 1, combiner: .digitalReuse)
    return Claim(
      id: "C4c",
      statement: "(extension) digitalReuse: below 1 % at \(Self.fastWrite), bit-serial, X = 1, B = 64, K = 8",
      measured: values, criterion: .each(values.map { _ in .atMost(1) }))
  }

  private func energyDelay() throws -> Claim {
    let values = try percents(
      mainLoads, write: Self.slowWrite, crossbars: Self.mainCrossbars, dacBits: 8, energy: true)
    return Claim(
      id: "C5", statement: "energy-delay product below 1 % of reprogramming at the point of C4a", paperValue: "< 1 %",
      measured: values, criterion: .each(values.map { _ in .atMost(1) }), note: extrapolation)
  }

  private func parallelism() -> Claim {
    Claim(
      id: "C6",
      statement: "contest-awareness raises parallelism: at most 0.80 of the cycles, accuracy within 1.0 point",
      measured: [
        MeasuredValue(
          Double(main.cycles) / Double(twin.cycles), label: "scheduled cycles, with over without", decimals: 3),
        MeasuredValue(twin.trained - main.trained, unit: "points", label: "lost", decimals: 2),
      ], criterion: .each([.atMost(0.8), .atMost(1)]),
      note: "one seed each, \(main.steps) steps; Σ LB \(main.lowerBound) against \(twin.lowerBound)")
  }

  private func scheduleQuality() -> Claim {
    Claim(
      id: "C7",
      statement: "schedule quality: Σ cycles over Σ lower bounds at most 1.12 (unbalanced), 1.30 (contest-aware)",
      measured: [
        MeasuredValue(Double(twin.cycles) / Double(twin.lowerBound), label: "unbalanced", decimals: 3),
        MeasuredValue(Double(main.cycles) / Double(main.lowerBound), label: "contest-aware", decimals: 3),
      ], criterion: .each([.atMost(1.12), .atMost(1.3)]))
  }

  private func moreCrossbars() throws -> Claim {
    func cycles(_ crossbars: Int) throws -> Double {
      try CostModel(costs.hardware, write: Self.slowWrite, crossbars: crossbars).basis(
        smallLoads.loads[1], replicas: crossbars
      ).cycles
    }
    return Claim(
      id: "C8", statement: "more crossbars, fewer cycles, no rewrite: ResNet-18 on CIFAR-100, X = 8 over X = 1",
      paperValue: "any number of crossbars", measured: MeasuredValue(try cycles(8) / cycles(1), decimals: 3),
      criterion: .atMost(0.25), note: "B = 64, K = 8; eight copies of the basis share the windows")
  }

  private func hardwareOverhead() throws -> Claim {
    let areas = [8, 16, 32, 64].map { SwitchMatrix(lines: $0, hardware: costs.hardware) }
    let notes = areas.map {
      "A = \($0.lines): \(text(100 * $0.shareOfTile)) % of the tile share, \(text(100 * $0.shareOfArray)) % of array and converter"
    }
    return Claim(
      id: "C9", statement: "marginal hardware: switches, configuration and accumulators of A = 8 lines per tile share",
      paperValue: "negligible", measured: MeasuredValue(100 * areas[0].shareOfTile, unit: "%", decimals: 2),
      criterion: .atMost(10), note: notes.joined(separator: "; "))
  }

  private func trainingCost() -> Claim {
    Claim(
      id: "C10", statement: "negligible training: fine-tuning epochs over the 200 epochs of float training",
      paperValue: "negligible", measured: MeasuredValue(100 * main.epochs / 200, unit: "%", decimals: 3),
      criterion: .atMost(10), note: "\(text(main.epochs)) epochs")
  }

  /// Two significant decimals for notes.
  func text(_ value: Double) -> String {
    abs(value) >= 100 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
  }
}
