import ArgumentParser
import PELNAS

/// `hardwise pelnas front`
struct NASFront: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "front", abstract: "The true front of a task.")

  @OptionGroup var task: NASTaskOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let task = try task.task().task
    try output.emit(
      task.front,
      text: NASText.front(
        task.front,
        title: "True front of \(task.name), \(task.usable.count) usable cells, costs \(task.costEvidence.rawValue)",
        unit: task.costUnit))
  }
}
