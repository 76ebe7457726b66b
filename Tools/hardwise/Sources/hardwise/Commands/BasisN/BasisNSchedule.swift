import ArgumentParser
import BasisN
import Foundation
import ReproductionKit

/// `hardwise basisn schedule`
struct BasisNSchedule: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Pack the analog jobs of every layer into cycles; compare with the lower bound.")

  @Argument(help: ArgumentHelp("The encoded network.", valueName: "file"))
  var file: String

  @Option(help: "Summing lines per crossbar (A).")
  var lines = 16

  @Option(help: "Rounds of improvement per schedule.")
  var rounds = 200

  @Option(help: "analogRouting or digitalSteering.")
  var combiner = Combiner.analogRouting

  @Option(help: "Seed of the shuffled rounds.")
  var seed: UInt64 = 0

  @Flag(help: "One line per slice instead of one per layer.")
  var slices = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard combiner != .digitalReuse else { throw ValidationError("digitalReuse has no contest and needs no schedule") }
    guard lines > 0, rounds >= 0 else { throw ValidationError("--lines must be positive and --rounds not negative") }
  }

  func run() throws {
    let model = try BasisNFile.read(URL(fileURLWithPath: file))
    let crossbars = (model.basis.count + 63) / 64
    let schedule = try NetworkSchedule(model, combiner: combiner, lines: lines * crossbars, rounds: rounds, seed: seed)
    var table = Table(
      title: "\(schedule.cycles) cycles per image and input step, lower bound \(schedule.lowerBound), balanced "
        + "\(Int(schedule.balanced.rounded(.up)))",
      columns: [
        .text("layer"), .number("slice"), .number("windows"), .number("jobs"), .number("cycles"),
        .number("lower bound"),
      ])
    let groups = Dictionary(grouping: schedule.entries, by: \.layer)
    for layer in model.layers {
      let entries = groups[layer.shape.name] ?? []
      if slices {
        for entry in entries {
          table.append([
            .text(entry.layer), .integer(entry.slice), .integer(entry.windows), .integer(entry.jobs),
            .integer(entry.cycles), .integer(entry.lowerBound),
          ])
        }
      } else {
        table.append([
          .text(layer.shape.name), "all \(entries.count)", .integer(layer.shape.windows),
          .integer(entries.reduce(0) { $0 + $1.jobs }), .integer(entries.reduce(0) { $0 + $1.cycles }),
          .integer(entries.reduce(0) { $0 + $1.lowerBound }),
        ])
      }
    }
    try output.emit(schedule, text: table.plainText(width: Terminal.width))
  }
}
