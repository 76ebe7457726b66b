import Foundation

/// Everything an experiment gets from outside: scale, seed, data, folder, progress, options and the wish to stop.
///
/// ```swift
/// func run(_ context: RunContext) async throws -> Report {
///   let accuracy = try context.step("train", as: Double.self) {
///     try train(seed: context.seed, onEpoch: { try context.checkCancellation() })
///   }
///   var report = ReportBuilder(context)
///   report.add(Claim(id: "A1", statement: "it learns", measured: .init(accuracy, unit: "%"), criterion: .atLeast(90)))
///   return report.build()
/// }
/// ```
public struct RunContext: Sendable {
  /// Which experiment or pipeline runs.
  public let experiment: ExperimentDescription
  /// How much work to do.
  public let scale: Scale
  /// Seed of all random streams.
  public let seed: UInt64
  /// Worker threads.
  public let threads: Int
  /// Options of the user, such as `["network": "resnet56"]`.
  public let options: [String: String]
  /// The data catalogue. What is resolved through it is listed in the report.
  public let catalog: DataCatalog
  /// The folder of this run.
  public let output: RunFolder
  /// Progress of the whole run.
  public let progress: ProgressReporter

  let cancellation: CancellationFlag
  let recorder: RunRecorder

  /// A context. ``ExperimentRunner`` makes them; tests use ``temporary(for:scale:seed:options:catalog:)``.
  public init(
    experiment: ExperimentDescription, output: RunFolder, catalog: DataCatalog,
    threads: Int = RunContext.defaultThreads, progress: ProgressReporter = .silent,
    cancellation: CancellationFlag = CancellationFlag()
  ) {
    let recorder = RunRecorder()
    var catalog = catalog
    catalog.onResolve = { recorder.add($0) }
    self.experiment = experiment
    self.scale = output.description.request.scale
    self.seed = output.description.request.seed
    self.options = output.description.request.options
    self.threads = threads
    self.catalog = catalog
    self.output = output
    self.progress = progress
    self.cancellation = cancellation
    self.recorder = recorder
  }

  /// A context for tests: a fresh temporary folder, no progress.
  public static func temporary(
    for experiment: ExperimentDescription, scale: Scale = .quick, seed: UInt64 = 0, options: [String: String] = [:],
    catalog: DataCatalog? = nil
  ) throws -> RunContext {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("hardwise-\(UUID().uuidString)")
    let request = RunRequest(experiment: experiment.id, scale: scale, seed: seed, options: options)
    return RunContext(
      experiment: experiment, output: try RunFolder.create(in: root, for: request),
      catalog: try catalog ?? DataCatalog())
  }

  /// `$HARDWISE_THREADS` if it is a positive number, else all cores.
  public static var defaultThreads: Int {
    let wish = ProcessInfo.processInfo.environment["HARDWISE_THREADS"].flatMap(Int.init)
    return wish.flatMap { $0 > 0 ? $0 : nil } ?? ProcessInfo.processInfo.activeProcessorCount
  }

  /// Whether the run was asked to stop, by a signal or by cancelling its task.
  public var isCancelled: Bool {
    cancellation.isRaised || Task.isCancelled
  }

  /// Ends the run at a safe point if it was asked to stop.
  ///
  /// - Throws: ``Interrupted``.
  public func checkCancellation() throws(Interrupted) {
    if isCancelled { throw Interrupted() }
  }

  /// The scale's value of a parameter: `context.scaled(quick: 2_000, full: 10_000)`.
  public func scaled<Value>(quick: Value, full: Value) -> Value {
    scale == .quick ? quick : full
  }

  /// Adds a remark to the report.
  public func note(_ text: String) {
    recorder.note(text)
  }

  /// Lists a data set or model in the report that was not resolved through the catalogue, such as generated images.
  public func record(_ source: DataSource) {
    recorder.add(source)
  }

  /// The data sets and models used so far.
  public var recordedSources: [DataSource] {
    recorder.current.sources
  }

  /// The provenance of the run as it stands now.
  public func provenance() -> Provenance {
    let record = recorder.current
    return Provenance(
      scale: scale, seed: seed, threads: threads, options: options, data: record.sources, host: .current,
      revision: Workspace.current.flatMap(SourceRevision.find), startedAt: recorder.startedAt,
      wallSeconds: recorder.elapsedSeconds + record.replayedSeconds,
      processorSeconds: ResourceUsage.processorSeconds, peakMemoryBytes: ResourceUsage.peakMemoryBytes,
      replayedSteps: record.replayedSteps)
  }
}
