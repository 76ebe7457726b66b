import ArgumentParser
import ReproductionKit
import VisionModels

/// `hardwise vision eval`
struct VisionEval: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Accuracy of a checkpoint on the test images.")

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOption

  @Option(help: "Only the first so many images.")
  var limit: Int?

  @Option(help: "Images per pass.")
  var batch = 128

  @Option(help: "Views averaged per image: none, mirror, mirrorAndShift.")
  var views = TestTimeAugmentation.none

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard batch > 0 else { throw ValidationError("--batch is \(batch); give a positive number") }
    if let limit, limit <= 0 { throw ValidationError("--limit is \(limit); give a positive number") }
  }

  func run() throws {
    let network = try network.load()
    let images = try data.open(for: network.inputShape).test
    let report = try EvaluationReport(
      evaluating: network, on: images, batchSize: batch, augmentation: views, limit: limit)
    var table = Table(
      title: "\(report.model) on \(report.data)",
      columns: [.text("class"), .number("accuracy", unit: "%", decimals: 2)])
    for (name, accuracy) in zip(report.classes, report.perClass) {
      table.append([.text(name), .number(100 * accuracy)])
    }
    try output.emit(
      report,
      text: table.plainText(width: Terminal.width)
        + String(
          format: "\ntop-1 %.2f %% (%d of %d), loss %.4f, %.0f images/s", 100 * report.accuracy, report.correct,
          report.images, report.loss, report.imagesPerSecond))
  }
}

extension TestTimeAugmentation: ExpressibleByArgument {}
