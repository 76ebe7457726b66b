import ArgumentParser
import Foundation
import LogicFlow

/// `hardwise logicflow verify`
struct LogicFlowVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every certificate in exact integers; no solver takes part.")

  @Argument(
    help: ArgumentHelp(
      "The flows, or the network they must belong to and the flows.", valueName: "[net.json] flow.json"))
  var files: [String]

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard let last = files.last, files.count <= 2 else {
      throw ValidationError("expected a flow file, or a network and a flow file")
    }
    let file = try FlowFile(reading: URL(fileURLWithPath: last))
    if files.count == 2 { try file.requireBinding(to: NetworkFile.read(URL(fileURLWithPath: files[0]))) }
    let leaves = try file.verify()
    try output.emit(
      ["flows": file.flows.count, "leaves": leaves], text: "\(file.flows.count) flows proved, \(leaves) leaves checked")
  }
}
