import FileKit
import Foundation
import JSONC
import LanguageModel
import ReproductionKit
import TinyTensor

/// From a model file to a compressed model file: Grams, plan, factors, update, recovery.
///
/// Every phase leaves its state in a work folder, so that a run that ended in any way goes on and writes the same bytes.
///
/// ```swift
/// let pipeline = CompressionPipeline(file: file, settings: settings, work: folder)
/// let compressed = try pipeline.run(tokens: tokens)
/// try compressed.write(to: url, source: file, precision: .q8_0)
/// ```
public struct CompressionPipeline {
  /// What is done.
  public struct Settings: Sendable, Hashable, Codable {
    /// Tokens per calibration window.
    public var window = 1024
    /// Calibration windows.
    public var windows = 64
    /// How the plan is found.
    public var plan: PlanRequest
    /// What follows the decomposition.
    public var refit = RefitMode.none
    /// When coefficients are refitted to changed inputs.
    public var update = UpdateMode.none
    /// To what they are refitted.
    public var updateTarget = UpdateTarget.cross
    /// Windows of the update; the first ones of the calibration.
    public var updateWindows = 16
    /// Recovery by adapters, or none.
    public var recovery: CoefficientLoRA?

    /// Settings with the defaults.
    public init(plan: PlanRequest) { self.plan = plan }
  }

  /// The dense model's file.
  public let file: ModelFile
  /// What is done.
  public let settings: Settings
  /// The folder of the phases' states.
  public let work: URL
  private let progress: ProgressReporter
  private let isCancelled: () -> Bool

  /// A pipeline.
  public init(
    file: ModelFile, settings: Settings, work: URL, progress: ProgressReporter = .silent,
    isCancelled: @escaping () -> Bool = { false }
  ) {
    self.file = file
    self.settings = settings
    self.work = work
    self.progress = progress
    self.isCancelled = isCancelled
  }

  /// Compresses the model, from where an earlier run with the same work folder ended.
  ///
  /// - Parameter tokens: Calibration text.
  /// - Throws: ``BasisSharingError``, `LanguageModelError`, `ModelFileError`, `LinearAlgebraError`, `Interrupted` or a file's error.
  public func run(tokens: [Int32]) throws -> CompressedModel {
    guard !file.isFactored else {
      throw BasisSharingError.unsupportedModel(
        "\(file.url.path) has shared factors already; start from the dense model")
    }
    // What cannot work is refused before a work folder is there.
    try settings.plan.check(ModelShapes(file.config))
    let calibrator = try Calibrator(tokens: tokens, window: settings.window, windows: settings.windows)
    guard try step("settings", { settings }) == settings else {
      throw BasisSharingError.invalidState(path: work.path, problem: "it was made with other settings")
    }
    let phases = progress.phases([
      "calibrate": 4, "plan": 1, "factor": 2, "update": settings.update == .none ? 0.01 : 3,
      "recover": settings.recovery == nil ? 0.01 : 8,
    ])
    let model = try LlamaModel(file, options: .exact)
    let identity = calibrator.identity(model)
    let grams = try calibrator.grams(
      model, checkpoint: work.appendingPathComponent("grams"), progress: phases["calibrate"], isCancelled: isCancelled)
    let compressor = Compressor(
      model: model, grams: grams,
      store: FactorStore(folder: work.appendingPathComponent("factors"), identity: identity), smallestRatio: 0.999)
    let plan = try step("plan") {
      try settings.plan.plan(compressor, progress: phases["plan"], isCancelled: isCancelled)
    }
    var compressed = try compressor.compress(
      plan, refit: settings.refit, progress: phases["factor"], isCancelled: isCancelled)
    try updated(&compressed, calibrator, phases["update"])
    try settings.recovery?.train(
      &compressed, on: tokens, checkpoint: work.appendingPathComponent("recovery.safetensors"),
      progress: phases["recover"], isCancelled: isCancelled)
    return compressed
  }

  private func updated(
    _ compressed: inout CompressedModel, _ calibrator: Calibrator, _ progress: ProgressReporter
  ) throws {
    guard settings.update != .none else { return }
    let url = work.appendingPathComponent("updated.safetensors")
    if FileManager.default.fileExists(atPath: url.path) {
      compressed = try CompressedModel(factors: url, base: compressed.base)
      return
    }
    let update = CoefficientUpdate(
      original: compressed.base, calibrator: try calibrator.prefix(settings.updateWindows), mode: settings.update,
      target: settings.updateTarget)
    try update.apply(to: &compressed, progress: progress, isCancelled: isCancelled)
    try compressed.writeFactors(to: url)
  }

  /// A result that is kept as JSON in the work folder.
  private func step<Value: Codable>(_ name: String, _ body: () throws -> Value) throws -> Value {
    let url = work.appendingPathComponent(name + ".json")
    if FileManager.default.fileExists(atPath: url.path) { return try JSON.read(Value.self, from: url) }
    if isCancelled() { throw Interrupted() }
    let value = try body()
    try AtomicFile.write(try JSON.encode(value), to: url)
    return value
  }
}
