import ArgumentParser
import BasisN
import FileKit
import Foundation
import ImageDataset
import ReproductionKit
import VisionModels

/// `hardwise basisn sweep`
struct BasisNSweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Train every combination of (B, K, b, contest): accuracy against cycles and stored bits.",
    discussion: """
      Accuracy is measured on images held out of the training split, never on the test split. Every model and a chart of \
      the fronts are kept in --out. Ctrl-C keeps what is finished; --resume goes on, within a combination as well.
      """)

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOption

  @Option(help: ArgumentHelp("Global basis vectors (B), separated by commas.", valueName: "counts"))
  var basis = "64,128,256"

  @Option(help: ArgumentHelp("Basis vectors per kernel slice (K).", valueName: "counts"))
  var nonzeros = "8,16"

  @Option(help: ArgumentHelp("Bits of a coefficient, sign included.", valueName: "counts"))
  var bits = "3,4"

  @Option(help: ArgumentHelp("Weights of the contest for columns while coding; 0 ignores it.", valueName: "weights"))
  var contest = "0,1"

  @Option(help: "Steps of fine-tuning per combination.")
  var steps = 150

  @Option(help: "Largest weight of the contest term Ω, where the contest is not ignored.")
  var contestWeight: Float = 0.1

  @Option(help: "Held-out images behind each accuracy.")
  var images = 2_000

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0

  @Option(name: .shortAndLong, help: ArgumentHelp("Folder of the models and the chart.", valueName: "folder"))
  var out = "basisn-sweep"

  @Flag(help: "Go on with the sweep in --out.")
  var resume = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let combinations = try combinations()
    guard steps >= 0 else { throw ValidationError("--steps is \(steps); give 0 or more") }
    let weights = network.weights
    let network = try network.load()
    let splits = try data.open(for: network.inputShape)
    guard images > 0, images < splits.train.count else {
      throw ValidationError("--images is \(images); \(splits.name) has \(splits.train.count) training images")
    }
    let folder = URL(fileURLWithPath: out, isDirectory: true)
    var record = try SweepRecord.open(
      folder, resume: resume,
      settings: .init(
        weights: weights, data: data.data, steps: steps, contestWeight: contestWeight, images: images, seed: seed))
    let (held, train) = splits.train.stratified(count: images, seed: seed)
    let normalization = network.scaling(for: train)
    let handler = InterruptionHandler()
    defer { handler.uninstall() }
    let sink = TerminalProgressSink()
    let progress = ProgressReporter(sink: sink)
    let open = combinations.filter { combination in !record.rows.contains { $0.name == combination.name } }
    for (index, combination) in open.enumerated() {
      let part = progress.phase(
        combination.name, from: Double(index) / Double(open.count), to: Double(index + 1) / Double(open.count))
      let model = try trained(
        combination, network, train, normalization, folder: folder, progress: part, handler: handler)
      guard let model else {
        sink.finish()
        throw Interrupted()
      }
      let accuracy = try InferenceEngine(model.integerNetwork()).evaluate(held, normalization: normalization).accuracy
      record.rows.append(try SweepRecord.Row(combination, model, accuracy: accuracy, seed: seed))
      try record.save(to: folder)
    }
    sink.finish()
    record.rows.sort { $0.name < $1.name }
    try AtomicFile.write(record.chart().svg(), to: folder.appendingPathComponent("fronts.svg"))
    let float = try InferenceEngine(network).evaluate(held, normalization: normalization).accuracy
    try output.emit(
      record,
      text: record.table(float: float).plainText(width: Terminal.width)
        + "\nmodels and fronts.svg are in \(out); choose here, then judge once on the test split")
  }

  /// One model, trained and written; nil when interrupted.
  private func trained(
    _ combination: EncodingConfiguration, _ network: Network, _ images: LabeledImages, _ normalization: Normalization,
    folder: URL, progress: ProgressReporter, handler: InterruptionHandler
  ) throws -> BasisNModel? {
    let name = combination.name
    progress.report(0, "learning the basis")
    let plan = TrainingPlan(steps: steps, contest: combination.contest > 0 ? contestWeight : 0, seed: seed)
    var trainer = try BasisNTrainer(plan, teacher: network, images: images, normalization: normalization)
    let state = folder.appendingPathComponent("\(name).state")
    trainer.checkpoint = state
    trainer.isCancelled = { handler.flag.isRaised }
    trainer.onStep = { step in
      progress.report(step.step, of: max(1, step.total), "loss \(NumberFormat.short(step.loss))")
    }
    let outcome = try trainer.train(
      BasisCode(encoding: network, configuration: combination), network: network, resume: true)
    if handler.flag.isRaised { return nil }
    let model = try BasisNExport.model(
      outcome.code, network: outcome.network, images: images, normalization: normalization)
    try BasisNFile.write(model, to: folder.appendingPathComponent("\(name).basisn"))
    try? FileManager.default.removeItem(at: state)
    return model
  }

  /// Every combination, checked before any work is done.
  private func combinations() throws -> [EncodingConfiguration] {
    var combinations: [EncodingConfiguration] = []
    for basis in try numbers("--basis", basis, as: Int.self) {
      for nonzeros in try numbers("--nonzeros", nonzeros, as: Int.self) {
        for bits in try numbers("--bits", bits, as: Int.self) {
          for contest in try numbers("--contest", contest, as: Double.self) {
            let combination = EncodingConfiguration(
              basis: basis, nonzeros: nonzeros, bits: bits, contest: contest, seed: seed)
            try combination.validate()
            combinations.append(combination)
          }
        }
      }
    }
    return combinations
  }

  private func numbers<Number: LosslessStringConvertible>(
    _ option: String, _ text: String, as type: Number.Type
  ) throws -> [Number] {
    let numbers = text.split(separator: ",").map { Number($0.trimmingCharacters(in: .whitespaces)) }
    guard !numbers.isEmpty, !numbers.contains(where: { $0 == nil }) else {
      throw ValidationError("\(option) is '\(text)'; give numbers, separated by commas")
    }
    return numbers.compactMap(\.self)
  }
}
