import ArgumentParser
import ReproductionKit

/// `hardwise reproduce`
struct ReproduceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce",
    abstract: "Run a paper's experiment: its claims beside what is measured here.",
    discussion: """
      Leaves report.json, report.md, index.html and charts in runs/ID/TIME (and runs/ID/latest). Ctrl-C stops at the next safe \
      point; --resume goes on from there. Exit code 1 says that some claim does not hold.
      """)

  @Argument(help: "Experiment, or 'all'; see `hardwise list`.")
  var id: String

  @OptionGroup var runOptions: RunOptions

  @Option(help: "Images to use instead of the default: cifar10, fashion-mnist, digits, synthetic, or a folder.")
  var data: String?

  @OptionGroup var output: OutputOptions

  func run() async throws {
    let experiments = id == "all" ? Registry.experiments : [try Registry.experiment(id)]
    var runner = try runOptions.runner()
    if let data { runner.options["data"] = data }
    var status = ExitStatus.success
    var reports: [Report] = []
    for experiment in experiments {
      let run = try await runner.run(experiment)
      reports.append(run.report)
      if !output.json {
        print(run.report.summary(width: Terminal.width))
        print("report: \(run.folder.reportHTML.path)")
      }
      try runOptions.updateResults(with: run.report)
      if ExitStatus(for: run.report) != .success { status = .claimFails }
    }
    if output.json { try output.emit(reports, text: "") }
    if status != .success { throw status.code }
  }
}
