import Foundation

/// Runs an experiment from its folder to its written report.
///
/// ```swift
/// let run = try await ExperimentRunner(scale: .quick).run(ClassAwarePruningExperiment.self)
/// print(run.report.summary())
/// ```
public struct ExperimentRunner: Sendable {
  /// A finished run.
  public struct Run: Sendable {
    /// The report, with its final provenance.
    public let report: Report
    /// The folder it was written to.
    public let folder: RunFolder
  }

  /// How much work to do.
  public var scale: Scale
  /// Seed of all random streams.
  public var seed: UInt64
  /// Options for the experiment.
  public var options: [String: String]
  /// Worker threads, as recorded in the provenance.
  public var threads: Int
  /// The folder that holds `<experiment>/<time>/`.
  public var runs: URL
  /// Whether to go on with the newest unfinished equal run.
  public var resume: Bool
  /// Where progress is shown.
  public var sink: any ProgressSink
  /// The data catalogue; `nil` opens the standard one.
  public var catalog: DataCatalog?
  /// Whether SIGINT and SIGTERM stop the run at a safe point.
  public var handlesSignals: Bool

  /// A runner.
  public init(
    scale: Scale = .quick, seed: UInt64 = 0, options: [String: String] = [:],
    threads: Int = RunContext.defaultThreads, runs: URL = URL(fileURLWithPath: "runs", isDirectory: true),
    resume: Bool = false, sink: any ProgressSink = SilentProgressSink(), catalog: DataCatalog? = nil,
    handlesSignals: Bool = false
  ) {
    self.scale = scale
    self.seed = seed
    self.options = options
    self.threads = threads
    self.runs = runs
    self.resume = resume
    self.sink = sink
    self.catalog = catalog
    self.handlesSignals = handlesSignals
  }

  /// Runs an experiment and writes its report.
  ///
  /// - Throws: what the experiment throws, ``Interrupted``, ``DataCatalogError``, ``RunError``, `FileError`.
  public func run(_ experiment: any Experiment.Type) async throws -> Run {
    try await run(ExperimentDescription(experiment)) { try await experiment.init().run($0) }
  }

  /// Runs anything that makes a report, such as a pipeline, and writes the report.
  ///
  /// - Throws: what `body` throws, ``Interrupted``, ``DataCatalogError``, ``RunError``, `FileError`.
  public func run(
    _ description: ExperimentDescription, _ body: @Sendable (RunContext) async throws -> Report
  ) async throws -> Run {
    let request = RunRequest(experiment: description.id, scale: scale, seed: seed, options: options)
    let folder = try RunFolder.open(in: runs, for: request, resume: resume)
    let progress = ProgressReporter(sink: sink)
    let handler = handlesSignals ? InterruptionHandler() : nil
    defer {
      handler?.uninstall()
      progress.finish()
    }
    let context = RunContext(
      experiment: description, output: folder, catalog: try catalog ?? DataCatalog(), threads: threads,
      progress: progress, cancellation: handler?.flag ?? CancellationFlag())
    if folder.isResumed { progress.message("resuming \(folder.url.path)") }
    do {
      var report = try await body(context)
      report.complete(with: context)
      try ReportWriter.write(report, to: folder)
      try folder.mark(.finished)
      progress.report(1)
      return Run(report: report, folder: folder)
    } catch {
      let stopped = error is Interrupted || error is CancellationError
      // The error that ended the run matters more than one about recording it.
      try? folder.mark(stopped ? .interrupted : .failed)
      throw error
    }
  }
}
