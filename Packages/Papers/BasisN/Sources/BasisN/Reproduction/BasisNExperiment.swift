import ReproductionKit

/// Reproduction of "BasisN: Reprogramming-Free RRAM-Based In-Memory-Computing by Basis Combination for Deep Neural Networks"
/// (ICCAD 2024).
///
/// Options: `data` (`auto`, `cifar10`, `fashion-mnist`, `digits`, `synthetic`, a folder), `steps` (of the main configuration and
/// its twin), `sweep-steps`.
public struct BasisNExperiment: Experiment {
  public static let id = "basisn"
  public static let title = "BasisN: any network on a few crossbars that are written once"
  public static let citation = Citation(
    authors: [
      "Amro Eldebiky", "Grace Li Zhang", "Xunzhao Yin", "Cheng Zhuo", "Ing-Chao Lin", "Ulf Schlichtmann", "Bing Li",
    ],
    title:
      "BasisN: Reprogramming-Free RRAM-Based In-Memory-Computing by Basis Combination for Deep Neural Networks",
    venue: "ICCAD", year: 2024, arxiv: "2407.03738")

  /// Creates the experiment.
  public init() {}

  public func run(_ context: RunContext) async throws -> Report {
    let workload = try Workload(context)
    context.progress.report(0, "loading data")
    let subject = try Subject.load(context)
    try context.checkCancellation()
    let findings = try measure(context, subject, workload)
    var report = ReportBuilder(context)
    report.add(try findings.claims())
    for table in try findings.tables() { report.add(table) }
    for chart in try findings.charts() { report.add(chart) }
    for note in findings.notes() { report.note(note) }
    return report.build()
  }

  private func measure(_ context: RunContext, _ subject: Subject, _ workload: Workload) throws -> Findings {
    let phases = context.progress.phases([
      "main": 4, "twin": 4, "sweep": 2, "baselines": 1, "crossbars": 1, "costs": 1,
    ])
    let training = TrainingStudy(context: context, subject: subject, workload: workload)
    let reference = try training.reference()
    let (main, mainModel) = try training.run(
      "contest-aware", Workload.main(seed: context.seed, contest: Workload.codingContest),
      plan: training.plan(steps: workload.steps, contest: Workload.trainingContest), isMain: true,
      progress: phases["main"])
    let (twin, twinModel) = try training.run(
      "plain", Workload.main(seed: context.seed, contest: 0), plan: training.plan(steps: workload.steps), isMain: true,
      progress: phases["twin"])
    let (sweep, ablations) = try variants(context, training, workload, progress: phases["sweep"])
    let (_, small) = try training.run(
      "one-crossbar", Workload.small(seed: context.seed), plan: training.plan(steps: 0), progress: phases["sweep"])

    phases["baselines"].report(0, "baselines")
    let baselines = BaselineStudy(context: context, subject: subject, workload: workload)
    let rows = try baselines.rows(twinModel)
    let rewriting = try baselines.rewriting()
    let physics = try PhysicsStudy(context: context, subject: subject, workload: workload).rows(
      mainModel, progress: phases["crossbars"])
    phases["costs"].report(0, "schedules of all networks")
    let costs = try CostStudy(context: context, workload: workload)
    return Findings(
      subject: subject, workload: workload, scale: context.scale, reference: reference, main: main, twin: twin,
      sweep: sweep, ablations: ablations, baselines: rows, rewriting: rewriting, physics: physics, costs: costs,
      mainLoads: try costs.loads("main", mainModel, training.schedule(mainModel)),
      twinLoads: try costs.loads("twin", twinModel, training.schedule(twinModel)),
      smallLoads: try costs.loads("small", small, training.schedule(small)), mainModel: mainModel, twinModel: twinModel)
  }

  /// The sweep over (B, K, b), and the main configuration changed in one respect, all with the same few steps.
  private func variants(
    _ context: RunContext, _ training: TrainingStudy, _ workload: Workload, progress: ProgressReporter
  ) throws -> (sweep: [TrainingStudy.Run], ablations: [TrainingStudy.Run]) {
    var sweep: [TrainingStudy.Run] = []
    for configuration in workload.sweep {
      sweep.append(
        try training.run(
          "B\(configuration.basis)-K\(configuration.nonzeros)-b\(configuration.bits)", configuration,
          plan: training.plan(steps: workload.sweepSteps), progress: progress
        ).run)
    }
    guard workload.trainsAblations else { return (sweep, []) }
    var powers = Workload.main(seed: context.seed, contest: 0)
    powers.coefficients = .powerOfTwo
    var full = Workload.main(seed: context.seed, contest: 0)
    full.slicing = .full
    let alternating = training.plan(steps: workload.sweepSteps, joint: false)
    let joint = training.plan(steps: workload.sweepSteps)
    let cases: [(String, EncodingConfiguration, TrainingPlan)] = [
      ("alternating", Workload.main(seed: context.seed, contest: 0), alternating), ("power-of-two", powers, joint),
      ("full-slices", full, joint),
      ("coding-contest-4", Workload.main(seed: context.seed, contest: 4), joint),
    ]
    let ablations = try cases.map { name, configuration, plan in
      try training.run(name, configuration, plan: plan, progress: progress).run
    }
    return (sweep, ablations)
  }
}

extension Findings {
  /// What a reader must know.
  func notes() -> [String] {
    var notes = [
      "\(subject.title): \(subject.train.count) training images, \(subject.validation.count) held out of them for choices, "
        + "\(subject.test.count) test images for final figures only.",
      "The paper's network variants, accuracies, basis sizes, coefficient bits and write model could not be confirmed; none of "
        + "them is quoted. The main configuration is the specification's, and nothing was tuned on test images.",
      "Loads of networks that were not encoded are drawn from the encoded network's patterns: an extrapolation.",
      "Coefficients and basis are trained jointly; the alternation of the paper is an ablation of the full scale.",
    ]
    if let reason = subject.reason { notes.append("Claims about the published ResNet-20 are not tested: \(reason).") }
    if subject.reason == nil {
      notes.append(
        "The published weights were trained on all 50 000 training images, so accuracies on the validation split start "
          + "higher than on the test split; they are compared with each other only.")
    }
    return notes
  }
}
