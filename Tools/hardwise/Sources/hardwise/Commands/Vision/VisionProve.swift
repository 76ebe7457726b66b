import ArgumentParser
import ReproductionKit

/// `hardwise vision prove`, behind `make train-cifar`.
struct VisionProve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "The vision floor's own proof: published weights, a digits net, fast training.",
    discussion: """
      quick takes minutes; full trains airbench-93 and a ResNet-20 from scratch.
      Option: -o batch=N, the batch of the short training in quick (256).
      """)

  @OptionGroup var runOptions: RunOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let run = try await runOptions.runner().run(VisionProof.description) { try VisionProof($0).report() }
    try runOptions.updateResults(with: run.report)
    try output.emit(
      run.report, text: run.report.summary(width: Terminal.width) + "report: \(run.folder.reportHTML.path)")
    let status = ExitStatus(for: run.report)
    if status != .success { throw status.code }
  }
}
