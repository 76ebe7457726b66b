import ArgumentParser
import ClassAwarePruning
import Foundation
import JSONC
import ReproductionKit
import VisionModels

/// `hardwise prune apply`
struct PruneApply: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Rebuild the network without the filters of a plan.",
    discussion:
      "Checks on real images that removing equals silencing, and writes a file that rebuilds and proves itself.")

  @OptionGroup var network: NetworkOptions
  @OptionGroup var data: DataOption

  @Option(help: ArgumentHelp("Plan of `plan`.", valueName: "file"))
  var plan: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The smaller network.", valueName: "file"))
  var out: String

  @Flag(help: "Add what silenced channels contribute behind a batch norm to the next bias (pre-activation networks).")
  var foldConstants = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    let plan = try JSON.read(PruningPlan.self, from: URL(fileURLWithPath: plan))
    let network = try network.load()
    let images = try data.open(for: network.inputShape).train
    let scaling = network.scaling(for: images)
    let smaller = try network.pruned(by: plan, foldConstants: foldConstants)
    let certificate = try ExactnessCertificate(
      original: network, plan: plan, rebuilt: smaller,
      images: images.batch(0..<min(64, images.count), normalization: scaling).images, foldConstants: foldConstants)
    try PrunedCheckpoint.write(
      smaller, proof: images.prefix(16), normalization: scaling, to: URL(fileURLWithPath: out))
    try output.emit(
      certificate,
      text: """
        \(out): \(sizes(certificate.counted))
        removed = silenced: largest logit difference \(certificate.maximumDifference) over \(certificate.images) images, \
        \(certificate.holds ? "holds" : "DOES NOT HOLD")
        """)
    if !certificate.holds { throw ExitStatus.claimFails.code }
  }
}
