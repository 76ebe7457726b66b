import ReproductionKit
import TinyTensor
import VisionModels

/// Reproduction of "Class-Aware Pruning for Efficient Neural Networks" (DATE 2024).
///
/// Options: `data` (`auto`, `cifar10`, `fashion-mnist`, `digits`, `synthetic`), `half-epoch` (images per unit of training),
/// `operating-half-epoch` (the same for the run that F1 judges).
public struct ClassAwarePruningExperiment: Experiment {
  public static let id = "classawarepruning"
  public static let title = "Class-aware pruning: keep the filters that serve many classes"
  public static let citation = Citation(
    authors: [
      "Mengnan Jiang", "Jingcun Wang", "Amro Eldebiky", "Xunzhao Yin", "Cheng Zhuo", "Ing-Chao Lin", "Grace Li Zhang",
    ], title: "Class-Aware Pruning for Efficient Neural Networks", venue: "DATE", year: 2024, arxiv: "2312.05875")

  /// Creates the experiment.
  public init() {}

  public func run(_ context: RunContext) async throws -> Report {
    let workload = try Workload(context)
    context.progress.report(0, "loading data")
    let subject = try Subject.load(context)
    try context.checkCancellation()
    let phases = context.progress.phases(["baseline": 1, "one shot": 1.5, "iterative": 4, "speed": 2])

    let baseline = BaselineStudy(context: context, subject: subject)
    phases["baseline"].report(0, "baseline")
    let accuracies = try baseline.accuracies()
    let scores = try baseline.scores()
    let determinism = try baseline.determinismClaim()
    try context.checkCancellation()

    let oneShot = OneShotStudy(context: context, subject: subject, workload: workload)
    let curves = try oneShot.curves(progress: phases["one shot"])
    let draws = try oneShot.draws()
    let runner = IterativeRunner(context: context, subject: subject, workload: workload)
    let iterative = try IterativeStudy(runner: runner).run(progress: phases["iterative"])
    let speed = try SpeedStudy(context: context, workload: workload).run(progress: phases["speed"])

    var report = ReportBuilder(context)
    report.add([
      baseline.baselineClaim(accuracies), baseline.distributionClaim(scores), determinism, iterative.exactnessClaim(),
      oneShot.claim(curves, draws: draws), iterative.accuracyClaim(), iterative.comparisonClaim(),
      iterative.scratchClaim(),
      iterative.preparationClaim(), iterative.polarisationClaim(), speed.speedClaim(), speed.modelClaim(),
      iterative.stopClaim(classes: scores.classes),
    ])
    addTables(to: &report, oneShot, curves, iterative, speed, subject)
    addCharts(to: &report, scores, oneShot, curves, iterative, speed, subject)
    addNotes(to: &report, subject, scores, accuracies)
    return report.build()
  }

  private func addTables(
    to report: inout ReportBuilder, _ oneShot: OneShotStudy, _ curves: [OneShotStudy.Curve],
    _ iterative: IterativeStudy.Outcome, _ speed: SpeedStudy.Outcome, _ subject: Subject
  ) {
    report.add(oneShot.table(curves))
    var runs = iterative.runs.map { (name: $0.criterion, run: $0) }
    runs += iterative.repeated.map { (name: "\($0.criterion), second seed", run: $0) }
    if let operating = iterative.operating { runs.append((name: "class, a quarter of the MACs", run: operating)) }
    if let deep = iterative.deep { runs.append((name: "ResNet-56, class", run: deep)) }
    report.add(Tables.rounds(runs))
    if !iterative.ablations.isEmpty { report.add(Tables.rounds(iterative.ablations)) }
    if let preparation = iterative.preparation { report.add(Tables.preparation(preparation)) }
    if let run = iterative.classRun { report.add(Tables.classes(run, names: subject.test.classes)) }
    report.add(speed.latency.table(title: "Measured latency, ResNet-\(speed.depth), internal widths changed"))
    report.add(Tables.systolic(speed.systolic))
  }

  private func addCharts(
    to report: inout ReportBuilder, _ scores: ClassScores, _ oneShot: OneShotStudy, _ curves: [OneShotStudy.Curve],
    _ iterative: IterativeStudy.Outcome, _ speed: SpeedStudy.Outcome, _ subject: Subject
  ) {
    for chart in Charts.fronts(iterative.runs, title: subject.title) { report.add(chart) }
    report.add(oneShot.chart(curves))
    report.add(
      Charts.scores(scores, after: iterative.preparation.map { ("after the modified cost", $0.histogramAfter) }))
    if let run = iterative.classRun {
      let history = PruningHistory(of: subject.network)
      report.add(Charts.layers(run, original: history.originalWidths, order: subject.network.scoredLayers))
      report.add(Charts.classes(run, names: subject.test.classes))
    }
    if let layer = scores.layers.last(where: { $0.scores.count <= 32 }) ?? scores.layers.first {
      report.add(Charts.filters(layer, classes: scores.classNames))
    }
    report.add(Charts.staircase(speed.staircase))
  }

  private func addNotes(
    to report: inout ReportBuilder, _ subject: Subject, _ scores: ClassScores, _ accuracies: BaselineStudy.Accuracies
  ) {
    report.note(
      "\(subject.title): \(subject.train.count) images for training and scoring, \(subject.validation.count) held out of the "
        + "training split for all decisions, \(subject.test.count) for final figures only.")
    if subject.isReference {
      report.note(
        "The published weights were trained on all 50 000 training images, so accuracies on the validation split start "
          + "higher than on the test split; they are compared with each other only.")
    }
    report.note("The paper's own table could not be confirmed; no figure of it is quoted.")
    if !subject.isReference { report.note("Claims about the published networks are not tested: \(subject.reason).") }
    if !scores.temperatures.isEmpty {
      report.note(
        "The loss of \(scores.temperatures.count) classes had underflowed; they were scored at a higher temperature.")
    }
    report.note("Test accuracy of the unpruned network: \((accuracies.shallow * 100).rounded() / 100) %.")
  }
}
