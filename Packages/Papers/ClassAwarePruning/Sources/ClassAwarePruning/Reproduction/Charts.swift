import ReproductionKit
import VisionModels

/// The charts of the report (specification section 6).
enum Charts {
  /// Accuracy against size: one chart per abscissa.
  static func fronts(_ runs: [IterativeRun], title: String) -> [Chart] {
    func chart(_ name: String, _ axis: ChartAxis, _ x: (IterativeRun) -> [Double]) -> Chart {
      .scatter(
        XYChart(
          name: name, title: "Accuracy against \(axis.label)", caption: title, x: axis,
          y: ChartAxis("Top-1", unit: "%"),
          series: runs.map { run in
            ChartSeries(run.criterion, x: x(run), y: run.points.map(\.accuracy), connection: .inOrder)
          }))
    }
    return [
      chart("fronts", ChartAxis("MACs", unit: "M")) { $0.points.map { Double($0.macs) * 1e-6 } },
      chart("fronts-parameters", ChartAxis("Parameters", unit: "k")) { $0.points.map { Double($0.parameters) * 1e-3 } },
      chart("fronts-milliseconds", ChartAxis("Latency, batch 1", unit: "ms")) { $0.points.map(\.milliseconds) },
    ]
  }

  /// Scores before and after, in the bins of the specification.
  static func scores(_ before: ClassScores, after: (name: String, histogram: [Int])?) -> Chart {
    let edges = BaselineStudy.edges.map(Double.init)
    var series = [HistogramChart.Series("pretrained", counts: before.histogram(edges: BaselineStudy.edges))]
    if let after { series.append(HistogramChart.Series(after.name, counts: after.histogram)) }
    return .histogram(
      HistogramChart(
        name: "scores-before-after", title: "For how many classes is a filter important?",
        x: ChartAxis("Class score"), countLabel: "Filters", edges: edges, series: series))
  }

  /// Widths of the prunable layers over the rounds.
  static func layers(_ run: IterativeRun, original: [String: Int], order: [String]) -> Chart {
    let shrinking = order.filter { layer in
      run.report.rounds.contains { ($0.widths[layer] ?? 0) < (original[layer] ?? 0) }
    }
    func share(_ widths: [String: Int]) -> [Double] {
      shrinking.map { 100 * Double(widths[$0] ?? 0) / Double(max(1, original[$0] ?? 1)) }
    }
    return .heatMap(
      HeatMapChart(
        name: "layers", title: "Filters kept per layer and round", rows: shrinking,
        columns: run.report.rounds.map { "\($0.index + 1)" }, rowLabel: "layer", columnLabel: "round",
        values: shrinking.indices.map { row in run.report.rounds.map { share($0.widths)[row] } },
        value: ChartAxis("kept", unit: "%", lower: 0, upper: 100)))
  }

  /// Change of accuracy per class.
  static func classes(_ run: IterativeRun, names: [String]) -> Chart {
    let start = run.points[0].perClass
    return .bar(
      BarChart(
        name: "classes", title: "Accuracy change per class", caption: "Test split, end against start.",
        categories: names, y: ChartAxis("Change", unit: "points"),
        series: [BarChart.Series(run.criterion, zip(run.end.perClass, start).map { $0 - $1 })]))
  }

  /// Filter × class heat map of one layer.
  static func filters(_ layer: ClassScores.Layer, classes: [String]) -> Chart {
    .heatMap(
      HeatMapChart(
        name: "filters", title: "Which classes need which filter of \(layer.name)?",
        rows: classes, columns: layer.scores.indices.map(String.init), rowLabel: "class", columnLabel: "filter",
        values: layer.perClass.map { $0.map(Double.init) }, value: ChartAxis("share of images", lower: 0, upper: 1),
        showsValues: false))
  }

  /// Latency against width, measured and modelled.
  static func staircase(_ staircase: LaneStaircase) -> Chart {
    let widths = staircase.points.map { Double($0.width) }
    return .line(
      XYChart(
        name: "staircase", title: "Latency of one 3×3 convolution against its width",
        caption: "One thread; the model rounds up to \(staircase.lanes) lanes.", x: ChartAxis("Output channels"),
        y: ChartAxis("Time", unit: "µs", lower: 0),
        series: [
          ChartSeries("measured", x: widths, y: staircase.points.map(\.measuredMicroseconds), connection: .inOrder),
          ChartSeries("modelled", x: widths, y: staircase.points.map(\.modelledMicroseconds), connection: .inOrder),
        ]))
  }
}
