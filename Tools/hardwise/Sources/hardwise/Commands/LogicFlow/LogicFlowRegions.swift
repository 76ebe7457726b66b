import ArgumentParser
import Foundation
import LogicFlow

/// `hardwise logicflow regions`
struct LogicFlowRegions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "regions", abstract: "Count all activation regions of a real-valued ReLU network inside its box.")

  @Argument(help: ArgumentHelp("The network (logicflow-float/1).", valueName: "net.json"))
  var network: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let network = try RealNetwork(reading: URL(fileURLWithPath: network))
    let clock = ContinuousClock()
    var count = 0
    let seconds = clock.measure { count = RegionEnumeration(network).count() } / .seconds(1)
    try output.emit(
      Summary(regions: count, seconds: seconds), text: "\(count) regions in " + String(format: "%.2f s", seconds))
  }

  private struct Summary: Encodable {
    let regions: Int
    let seconds: Double
  }
}
