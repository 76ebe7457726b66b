import ReproductionKit

extension Findings {
  /// The charts of the report.
  func charts() throws -> [Chart] {
    var charts = [try cycleMap(), usage(), atoms(), training()]
    if let gantt = try gantt() { charts.append(gantt) }
    charts.append(physicsChart())
    charts.append(pareto())
    charts.append(try networks())
    return charts
  }

  /// Cycles with the basis over cycles with reprogramming, ResNet-18 on CIFAR-100.
  private func cycleMap() throws -> Chart {
    let model = try CostModel(costs.hardware, write: Self.slowWrite, crossbars: Self.mainCrossbars)
    let map = try BreakEven(costs.shapes[1], load: mainLoads.loads[1], model: model)
    return .heatMap(
      HeatMapChart(
        name: "break-even", title: "Cycles in % of reprogramming, \(costs.shapes[1].name)",
        caption: "Main configuration, multi-bit inputs, scheduled cycles; below 100 % the basis wins.",
        rows: map.writeMicroseconds.map { "\(text($0))" }, columns: map.batches.map(String.init),
        rowLabel: "time to write a cell, µs", columnLabel: "batch", values: map.ratios.map { $0.map { 100 * $0 } },
        value: ChartAxis("cycles", unit: "%", scale: .logarithmic)))
  }

  /// How unevenly a contest loads the columns, busiest first: the mean over all contests, weighted by their windows.
  private func usage() -> Chart {
    func profile(_ model: BasisNModel) -> [Double] {
      var sums = [Double](repeating: 0, count: model.basis.count)
      var weights = 0.0
      for layer in model.layers {
        for position in 0..<layer.slicing.count {
          var uses = [Double](repeating: 0, count: sums.count)
          for kernel in 0..<layer.shape.outputs {
            for (atom, value) in layer.terms(layer.slice(kernel: kernel, position: position)) {
              uses[atom] += Double(abs(value).nonzeroBitCount)
            }
          }
          let mean = uses.reduce(0, +) / Double(uses.count)
          guard mean > 0 else { continue }
          let weight = Double(layer.shape.windows)
          for (rank, use) in uses.sorted(by: >).enumerated() { sums[rank] += weight * use / mean }
          weights += weight
        }
      }
      return sums.map { $0 / max(weights, 1) }
    }
    return .line(
      XYChart(
        name: "usage", title: "Load of the columns within a contest",
        caption:
          "Set coefficient bits over their mean, averaged over all contests; the busiest column bounds the schedule.",
        x: ChartAxis("Column, busiest first"), y: ChartAxis("Load over mean load", lower: 0),
        series: [
          ChartSeries("without contest term", y: profile(twinModel)),
          ChartSeries("contest-aware", y: profile(mainModel)),
        ], references: [.y(1, "even")]))
  }

  /// Levels of the first vectors.
  private func atoms() -> Chart {
    let basis = mainModel.basis
    let shown = min(32, basis.count)
    return .heatMap(
      HeatMapChart(
        name: "atoms", title: "What is written into the crossbars",
        caption: "Signed cell levels of \(shown) basis vectors.",
        rows: (0..<shown).map(String.init), columns: (0..<basis.length).map(String.init), rowLabel: "vector",
        columnLabel: "row", values: (0..<shown).map { basis[$0].map(Double.init) },
        value: ChartAxis("level"), palette: .diverging(center: 0), showsValues: false))
  }

  private func training() -> Chart {
    .line(
      XYChart(
        name: "training", title: "Fine-tuning", caption: "Distillation loss of single batches.", x: ChartAxis("Step"),
        y: ChartAxis("Loss", lower: 0),
        series: ([main, twin] + ablations).filter { !$0.curve.isEmpty }.map { run in
          ChartSeries(
            run.name, x: run.curve.map { Double($0.step) }, y: run.curve.map(\.loss), connection: .inOrder)
        }))
  }

  /// Cycles × columns of one contest, coloured by kernel.
  private func gantt() throws -> Chart? {
    guard let layer = mainModel.layers.max(by: { $0.shape.outputs < $1.shape.outputs }) else { return nil }
    let jobs = layer.jobs(
      position: 0, basis: mainModel.basis.count, magnitudeBits: mainModel.configuration.quantizer.magnitudeBits,
      combiner: .analogRouting)
    let schedule = try ContestScheduler.schedule(
      jobs, lines: TrainingStudy.linesPerCrossbar * Self.mainCrossbars, rounds: workload.scheduleRounds)
    guard schedule.cycles > 0 else { return nil }
    var values = [[Double]](repeating: [Double](repeating: -1, count: jobs.columns), count: schedule.cycles)
    for job in 0..<jobs.count {
      for column in jobs.columns(of: job) {
        values[schedule.cycleOfJob[job]][column] = Double(jobs.labels[job].kernel)
      }
    }
    return .heatMap(
      HeatMapChart(
        name: "gantt", title: "Who uses which column when: \(layer.shape.name)",
        caption:
          "\(jobs.count) jobs in \(schedule.cycles) cycles, lower bound \(schedule.lowerBound); colour: kernel, −1 idle.",
        rows: (1...schedule.cycles).map(String.init), columns: (0..<jobs.columns).map(String.init), rowLabel: "cycle",
        columnLabel: "column", values: values, value: ChartAxis("kernel"), showsValues: false))
  }

  private func physicsChart() -> Chart {
    .bar(
      BarChart(
        name: "physics", title: "Accuracy on simulated crossbars",
        caption: "\(physics.first?.images ?? 0) test images.",
        categories: physics.map(\.name), y: ChartAxis("Top-1", unit: "%", lower: 0, upper: 100),
        series: [
          BarChart.Series("as programmed", physics.map(\.accuracy)),
          BarChart.Series("repaired", physics.map { $0.repaired ?? $0.accuracy }),
        ], references: [.y(reference.float, "float")]))
  }

  private func pareto() -> Chart {
    func series(_ name: String, _ runs: [TrainingStudy.Run]) -> ChartSeries {
      ChartSeries(
        name,
        points: runs.map { run in
          ChartPoint(
            x: Double(run.cycles) * 1e-3, y: run.trained,
            label: "B \(run.configuration.basis), K \(run.configuration.nonzeros), b \(run.configuration.bits)")
        })
    }
    var all = [series("main, contest-aware", [main]), series("main, without", [twin])]
    if !sweep.isEmpty { all.append(series("sweep, \(workload.sweepSteps) steps", sweep)) }
    return .scatter(
      XYChart(
        name: "pareto", title: "Accuracy against cycles",
        x: ChartAxis("Cycles per image and input step", unit: "thousand"),
        y: ChartAxis("Top-1", unit: "%"), series: all, references: [.y(reference.float, "float")]))
  }

  /// Cycles of every network under every write model.
  private func networks() throws -> Chart {
    let rows = try costs.map(mainLoads, crossbars: Self.mainCrossbars).filter { $0.dacBits == 8 }
    return .bar(
      BarChart(
        name: "networks", title: "Cycles in % of reprogramming, batch 1",
        caption: "Main configuration, multi-bit inputs, scheduled; the paper claims less than 1 %.",
        categories: costs.shapes.map(\.name), y: ChartAxis("cycles", unit: "%", scale: .logarithmic),
        series: costs.hardware.writeNames.map { write in
          BarChart.Series(write, rows.filter { $0.write == write }.map(\.cycles))
        }, showsValues: false, references: [.y(1, "1 %")]))
  }
}
