import ArgumentParser
import Foundation
import JSONC

/// `--json`, which every command has.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  /// Prints `value` as JSON when asked, else the text.
  func emit(_ value: some Encodable, text: @autoclosure () throws -> String) throws {
    if json {
      let data = try JSON.encode(value, style: .pretty)
      FileHandle.standardOutput.write(data + Data("\n".utf8))
    } else {
      print(try text())
    }
  }
}
