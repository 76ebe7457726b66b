import ArgumentParser
import FileKit
import Foundation
import LogicFlow

/// `hardwise logicflow emit`
struct LogicFlowEmit: ParsableCommand {
  /// What to write.
  enum Language: String, EnumerableFlag { case c, asm, swift }

  static let configuration = CommandConfiguration(
    commandName: "emit", abstract: "Write the program as C99, RV32IM assembly, or Swift.")

  @Argument(help: ArgumentHelp("The flows.", valueName: "flow.json"))
  var file: String

  @Flag(help: "Language of the text.")
  var language: Language = .c

  @Option(help: "Name of the function.")
  var name = "classify"

  @OptionGroup var core: LogicFlowCore

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Where to write; standard output by default.", valueName: "file"))
  var output: String?

  func validate() throws {
    let isIdentifier =
      name.first.map { $0.isLetter || $0 == "_" } == true
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard isIdentifier else { throw ValidationError("--name '\(name)' is no identifier") }
  }

  func run() throws {
    let program = try FlowFile(reading: URL(fileURLWithPath: file)).program(name: name)
    let text =
      switch language {
      case .c: program.emitC()
      case .asm: program.emitAssembly(for: try core.model())
      case .swift: program.emitSwift()
      }
    guard let output else {
      Swift.print(text, terminator: "")
      return
    }
    try AtomicFile.write(text, to: URL(fileURLWithPath: output))
  }
}
