import ArgumentParser
import Foundation
import JSONC
import LogicFlow
import LogicFlowVerify

/// `hardwise logicflow regions`
struct LogicFlowRegions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regions", abstract: "Count all leaves of a small network, whether samples reach them or not.",
    discussion: """
      An integer network (logicflow-network/1): leaves that are not proved empty, and those proved constant. A real-valued one \
      (logicflow-float/1): full-dimensional activation regions inside its box.
      """)

  @Argument(help: ArgumentHelp("The network.", valueName: "net.json"))
  var network: String

  @Option(help: "Leaves beyond which an integer network is refused.")
  var limit = 100_000

  @OptionGroup var output: OutputOptions

  func run() throws {
    let url = URL(fileURLWithPath: network)
    let clock = ContinuousClock()
    var summary = Summary()
    let isReal = (try? JSON.parse(contentsOf: url))?["format"]?.stringValue == RealNetwork.currentFormat
    let real = isReal ? try RealNetwork(reading: url) : nil
    let integer = isReal ? nil : try NetworkFile.read(url)
    summary.seconds =
      try clock.measure {
        if let real { summary.regions = RegionEnumeration(real).count() }
        if let integer {
          let leaves = try ExhaustiveTree(integer, limit: limit).leaves
          summary.regions = leaves.count
          summary.constant = leaves.count { $0.outcome != nil }
          summary.mixed = leaves.count(where: \.isMixed)
        }
      } / .seconds(1)
    let details = summary.constant.map { ", \($0) constant, \(summary.mixed ?? 0) of several classes" } ?? ""
    try output.emit(
      summary, text: "\(summary.regions) regions\(details) in " + String(format: "%.2f s", summary.seconds))
  }

  private struct Summary: Encodable {
    var regions = 0
    /// Of an integer network.
    var constant, mixed: Int?
    var seconds = 0.0
  }
}
