import ReproductionKit

extension Findings {
  /// The charts of the report.
  func charts() -> [Chart] {
    var charts: [Chart] = results.filter { $0.l1 == 0 && $0.seed == results[0].seed }.prefix(7).map(distribution)
    charts.append(flowsAndFlags())
    charts.append(pareto())
    return charts
  }

  /// How many rows have left by cycle t.
  private func distribution(_ result: SetResult) -> Chart {
    .line(
      XYChart(
        name: "coverage-\(result.set)", title: "\(result.set): rows that have their answer by cycle t",
        caption: "Test rows, own back end, ibex-small.", x: ChartAxis("cycles", lower: 0),
        y: ChartAxis("rows", unit: "%"),
        series: result.distributions.filter {
          ["plain", "flowless best", "certified flows", "certified best"].contains($0.program)
        }
        .map { distribution in
          ChartSeries(
            distribution.program, x: distribution.percentiles,
            y: distribution.percentiles.indices.map { 5 * Double($0) },
            connection: .inOrder)
        }))
  }

  private func flowsAndFlags() -> Chart {
    let name = compiler.split(separator: " ").first.map(String.init) ?? compiler
    let chosen = results.filter { $0.l1 == 0 && $0.seed == results[0].seed }
    func gain(_ program: String, _ flags: String, over reference: String, _ base: String) -> [Double] {
      chosen.map { result in
        guard let a = result.mean(program, flags, "spike"), let b = result.mean(reference, base, "spike") else {
          return 0
        }
        return 100 * (1 - a / b)
      }
    }
    let (fast, small) = name == "own" ? ("own", "own") : ("\(name) -O2", "\(name) -Os")
    return .bar(
      BarChart(
        name: "flows-and-flags", title: "Gain over plain: flows, flags, order, exits",
        caption: "Mean cycles on test rows, spike, \(fast) unless said otherwise.", categories: chosen.map(\.set),
        y: ChartAxis("fewer cycles", unit: "%"),
        series: [
          BarChart.Series("certified flows", gain("certified flows", fast, over: "plain", fast)),
          BarChart.Series("-Os alone", gain("plain", small, over: "plain", fast)),
          BarChart.Series("order alone", gain("flowless best", fast, over: "plain", fast)),
          BarChart.Series("all exact exits", gain("certified best", fast, over: "plain", fast)),
        ], showsValues: false))
  }

  private func pareto() -> Chart {
    func series(_ program: String, accuracy: (SetResult) -> Double) -> ChartSeries {
      ChartSeries(
        program,
        points: results.compactMap { result in
          let row = result.rows.first { $0.program == program && $0.core == "spike" }
          return row.map { ChartPoint(x: $0.mean, y: 100 * accuracy(result), label: result.set) }
        })
    }
    return .scatter(
      XYChart(
        name: "accuracy-latency", title: "Accuracy and cycles", caption: "Test rows, spike.",
        x: ChartAxis("mean cycles", scale: .logarithmic), y: ChartAxis("accuracy", unit: "%"),
        series: [
          series("plain", accuracy: \.accuracy), series("certified best", accuracy: \.accuracy),
          series("decision tree", accuracy: \.treeAccuracy),
        ]))
  }
}
