import ArgumentParser
import Foundation
import ImageDataset
import ReproductionKit
import VisionModels

/// `hardwise vision data`
struct VisionData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Image sets: statistics, and packing into a PNG atlas.",
    subcommands: [Stats.self, Pack.self], defaultSubcommand: Stats.self)

  struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Counts, classes, mean and deviation of both splits.")

    @OptionGroup var data: DataOption
    @OptionGroup var output: OutputOptions

    func run() throws {
      let splits = try data.open()
      let summaries = [DatasetSummary(splits.train), DatasetSummary(splits.test)]
      var table = Table(title: splits.name, columns: [.text("class"), .number("train"), .number("test")])
      for (train, test) in zip(summaries[0].classes, summaries[1].classes) {
        table.append([.text(train.name), .number(Double(train.count)), .number(Double(test.count))])
      }
      let facts = zip(["train", "test"], summaries).map { split, summary in
        "\(split): \(summary.count) images of \(summary.shape.map(String.init).joined(separator: "×")), "
          + "mean \(summary.mean), deviation \(summary.std), pixels \(summary.sha256.prefix(16))…"
      }
      try output.emit(
        summaries, text: table.plainText(width: Terminal.width) + "\n" + facts.joined(separator: "\n"))
    }
  }

  struct Pack: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write any image set as PNG atlases with a manifest.",
      discussion:
        "One tall PNG per thousand images, checksums and labels in manifest.json; `--data FOLDER` reads it back.")

    @OptionGroup var data: DataOption

    @Argument(help: "Folder to write.")
    var folder: String

    func run() throws {
      let url = URL(fileURLWithPath: folder, isDirectory: true)
      try AtlasWriter.write(try data.open(), to: url)
      print(url.appendingPathComponent("manifest.json").path)
    }
  }
}
