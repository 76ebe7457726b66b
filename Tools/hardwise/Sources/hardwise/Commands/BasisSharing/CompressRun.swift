import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit

extension RefitMode: ExpressibleByArgument {}
extension UpdateMode: ExpressibleByArgument {}
extension UpdateTarget: ExpressibleByArgument {}

/// `hardwise basissharing run`
struct CompressRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Calibrate, plan, factor, optionally update and recover, and write one GGUF file.",
    discussion: "Every phase leaves its state in <out>.work; --resume goes on there and writes the same bytes.",
    aliases: ["compress"])

  @OptionGroup var source: ModelArguments
  @OptionGroup var calibration: CalibrationArguments
  @OptionGroup var planning: PlanArguments

  @Option(help: "Behind the decomposition: none (the paper), own (coefficients on each layer's inputs), alternating.")
  var refit = RefitMode.own

  @Option(help: "Refit to inputs that compression changed: none, all-at-once (the public code), sequential.")
  var update = UpdateMode.none

  @Option(help: "What an update refits to: group, layer, cross (the original outputs).")
  var updateTarget = UpdateTarget.cross

  @Option(help: "Steps of recovery by adapters on query and value.")
  var recoverySteps = 0

  @Option(help: ArgumentHelp("The file to write.", valueName: "file.gguf"))
  var out: String

  @OptionGroup var state: WorkArguments

  @Flag(help: "Keep the work folder.")
  var keepWork = false

  @OptionGroup var output: OutputOptions

  /// Refuses impossible values, before any file is opened.
  private func check() throws {
    try calibration.check()
    try planning.check()
    try state.check()
    if recoverySteps < 0 { throw ValidationError("--recovery-steps is \(recoverySteps); give 0 or more") }
  }

  func run() throws {
    try check()
    let file = try source.file()
    let url = try OutputFile.url(out, reading: file)
    var settings = CompressionPipeline.Settings(plan: try planning.request(file))
    settings.window = calibration.window
    settings.windows = calibration.windows
    settings.refit = refit
    settings.update = update
    settings.updateTarget = updateTarget
    if recoverySteps > 0 { settings.recovery = CoefficientLoRA(steps: recoverySteps) }
    let tokens = try calibration.tokens(file)
    let work = URL(fileURLWithPath: out + ".work", isDirectory: true)
    try state.claim(work)
    let long = LongWork()
    let pipeline = CompressionPipeline(
      file: file, settings: settings, work: work, progress: long.progress, isCancelled: { long.isCancelled })
    let start = ContinuousClock.now
    let compressed = try pipeline.run(tokens: tokens)
    try compressed.write(to: url, source: file, precision: try planning.precision())
    let seconds = (ContinuousClock.now - start).seconds
    long.finish()
    if !keepWork { try? FileManager.default.removeItem(at: work) }
    let summary = CompressionSummary(
      compressed, written: try ModelFile(contentsOf: url), source: file, seconds: seconds)
    try output.emit(summary, text: summary.text)
  }
}

/// What was written.
struct CompressionSummary: Encodable {
  let path: String
  let groups: Int
  let sharedGroups: Int
  let removedParameters: Double
  let multiplyAdds: Double
  let bytes: Int
  let sourceBytes: Int
  let seconds: Double

  init(_ model: CompressedModel, written: ModelFile, source: ModelFile, seconds: Double) {
    path = written.url.path
    groups = model.plan.groups.count
    sharedGroups = model.plan.groups.count { $0.layers.count > 1 }
    removedParameters = model.plan.ratio(model.shapes)
    multiplyAdds = Double(model.plan.multiplyAdds(model.shapes)) / Double(model.shapes.blockParameters)
    bytes = written.tensors.reduce(0) { $0 + $1.byteCount }
    sourceBytes = source.tensors.reduce(0) { $0 + $1.byteCount }
    self.seconds = seconds
  }

  var text: String {
    String(
      format:
        "%@: %d groups, %d of them shared; %.1f %% of the block parameters removed, %.2f of the multiply-adds; %.1f MB "
        + "(%.1f MB before); %.0f s",
      path, groups, sharedGroups, 100 * removedParameters, multiplyAdds, 1e-6 * Double(bytes),
      1e-6 * Double(sourceBytes), seconds)
  }
}
