import Foundation
import JSONC
import Testing

/// The tool from outside: exit codes, streams, JSON.
@Suite("Command line")
struct CommandLineContractTests {
  @Test(
    "help goes to standard output and succeeds",
    arguments: [
      ["--help"], ["reproduce", "--help"], ["vision", "--help"], ["lm", "--help"], ["basisn", "--help"],
      ["logicflow", "--help"],
      ["pelnas", "--help"],
      ["basissharing", "--help"],
      ["compress", "plan", "--help"],
    ])
  func help(arguments: [String]) throws {
    let result = try Command.hardwise(arguments)
    #expect(result.status == 0)
    #expect(result.output.contains("USAGE"))
    #expect(result.errors.isEmpty)
  }

  @Test("usage errors end with 2 and say where help is")
  func usage() throws {
    for arguments in [["no-such-verb"], ["reproduce"], ["reproduce", "classawarepruning", "--scale", "huge"]] {
      let result = try Command.hardwise(arguments)
      #expect(result.status == 2, "\(arguments)")
      #expect(result.output.isEmpty, "\(arguments)")
      #expect(result.errors.contains("--help") || result.errors.contains("Usage"), "\(result.errors)")
    }
  }

  @Test(
    "bad input ends with 2 and one line that names it",
    arguments: [
      ["reproduce", "no-such-paper"],
      ["vision", "info", "no-such-model"],
      ["vision", "eval", "--weights", "Makefile", "--data", "digits"],
      ["vision", "train", "--recipe", "no-such-recipe", "--data", "digits"],
      ["vision", "data", "--data", "no/such/folder"],
      ["data", "fetch", "no-such-data"],
      ["lm", "info", "no-such-model"],
      ["lm", "info", "Makefile"],
      ["lm", "perplexity", "--model", "tiny", "--text", "no/such/text"],
      ["basisn", "inspect", "Makefile"],
      ["basisn", "cost", "--write", "no-such-preset"],
      ["basisn", "sweep", "--weights", "no/such/file", "--bits", "3,four"],
      ["logicflow", "train", "Makefile"],
      ["logicflow", "verify", "Makefile"],
      ["pelnas", "explain", "--tables", "synthetic", "912345"],
      ["pelnas", "front", "--tables", "no/such/folder"],
      ["nas", "compare", "no/such/run", "no/such/run"],
      ["pelnas", "device", "add", "no/such/device"],
      ["basissharing", "plan", "--model", "tiny", "--ratio", "1.5"],
      ["compress", "--text", "no/such/text", "--out", "small.gguf", "--ratio", "1.5"],
      ["compress", "--model", "tiny", "--text", "README.md", "--out", "Docs"],
      ["compress", "plan", "--model", "tiny", "--group-size", "99"],
      ["compress", "cut", "--out", "small.gguf", "Makefile", "--keep", "1.5"],
      ["basissharing", "export", "--out", "factors", "Makefile"],
      ["compress", "eval", "--model", "tiny", "--text", "no/such/text"],
    ])
  func badInput(arguments: [String]) throws {
    let result = try Command.hardwise(arguments)
    #expect(result.status == 2, "\(arguments): \(result.errors)")
    #expect(result.output.isEmpty)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(result.errors)")
    #expect(lines.first?.hasPrefix("hardwise: error: ") == true)
    let culprit = arguments.last { !$0.hasPrefix("--") && $0 != "digits" } ?? ""
    #expect(result.errors.contains(culprit), "\(result.errors) does not name \(culprit)")
  }

  @Test("missing data ends with 3 and says how to get it")
  func missing() throws {
    let empty = FileManager.default.temporaryDirectory.appendingPathComponent("hardwise-empty-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: empty) }
    let result = try Command.hardwise(
      ["vision", "eval", "--weights", "resnet20-cifar10"], in: empty, environment: ["HOME": empty.path])
    #expect(result.status == 3, "\(result.errors)")
    #expect(result.errors.contains("resnet20-cifar10"))
  }

  @Test(
    "every listing speaks JSON",
    arguments: [
      ["list"], ["data", "list"], ["doctor"], ["vision", "info", "resnet20"], ["basisn", "cost"],
      ["pelnas", "device", "list"],
      ["basissharing", "plan", "--model", "tiny", "--ratio", "0.3"],
    ])
  func json(arguments: [String]) throws {
    let result = try Command.hardwise(arguments + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    _ = try JSON.parse(result.output)
    let text = try Command.hardwise(arguments)
    #expect(text.status == 0)
    #expect(!text.output.isEmpty)
  }

  @Test("the counts of a model reach the command line")
  func info() throws {
    let result = try Command.hardwise(["vision", "info", "resnet20", "--json"])
    let value = try JSON.parse(result.output)
    #expect(value["parameters"]?.intValue == 269_722)
    #expect(value["macs"]?.intValue == 40_551_040)
  }
}
