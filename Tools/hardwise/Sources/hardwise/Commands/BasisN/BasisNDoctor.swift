import ArgumentParser
import BasisN
import Foundation
import ReproductionKit

/// `hardwise basisn doctor`
struct BasisNDoctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Why is the accuracy low? One effect off at a time, one layer at a time.",
    discussion: "Looks at images held out of the training split, so that what is chosen by it stays honest.")

  @Argument(help: ArgumentHelp("The encoded network.", valueName: "file"))
  var file: String

  @OptionGroup var data: DataOption
  @OptionGroup var physics: PhysicsOptions

  @Option(help: "Images looked at.")
  var images = 256

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard images > 0 else { throw ValidationError("--images is \(images); give a positive number") }
  }

  func run() throws {
    let workspace = try BasisNWorkspace(file: file, data: data)
    let configuration = try physics.configuration(for: workspace.model, seed: seed)
    let held = workspace.splits.train.stratified(
      count: min(images, workspace.splits.train.count), seed: seed
    ).chosen
    let budget = try ErrorBudget(
      workspace.model, configuration: configuration, combiner: physics.combiner, images: held,
      normalization: workspace.normalization, calibration: workspace.calibration)
    try output.emit(budget, text: text(budget))
  }

  private func text(_ budget: ErrorBudget) -> String {
    var effects = Table(
      title: String(
        format: "%d images: %.2f %% exact, %.2f %% on the crossbars", budget.images, budget.exact, budget.all),
      columns: [.text("without"), .number("accuracy", unit: "%", decimals: 2), .text("what helps")])
    for effect in budget.effects {
      effects.append([.text(effect.name), .number(effect.accuracyWithout), .text(effect.advice)])
    }
    var layers = Table(
      title: "Layers one at a time",
      columns: [
        .text("layer"), .number("error of its output", unit: "%", decimals: 2),
        .number("clipped", unit: "%", decimals: 3),
      ])
    for layer in budget.layers {
      layers.append([.text(layer.layer), .number(100 * layer.error), .number(100 * layer.saturation)])
    }
    let advice =
      budget.worst.map { "Most harmful: \($0.name). Try: \($0.advice)." } ?? "No single effect explains the difference."
    return effects.plainText(width: Terminal.width) + "\n" + layers.plainText(width: Terminal.width) + "\n" + advice
  }
}
