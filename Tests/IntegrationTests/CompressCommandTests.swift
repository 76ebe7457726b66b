import Foundation
import JSONC
import Testing

/// `hardwise compress` on the embedded model.
@Suite("Compression commands")
struct CompressCommandTests {
  /// A folder for one test.
  private final class Scratch {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("hardwise-compress-" + UUID().uuidString)

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
  }

  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// All phases, on text of this repository.
  private func arguments(_ name: String) -> [String] {
    [
      "compress", "--model", "tiny", "--text", "README.md", "--window", "64", "--windows", "20", "--share", "auto",
      "--ratio", "0.3", "--update", "sequential", "--recovery-steps", "30", "--out", scratch.path(name), "--json",
    ]
  }

  @Test("a compressed file is one more model file: it is inspected, run, measured, cut, exported")
  func file() throws {
    let result = try Command.hardwise(arguments("small.gguf"))
    #expect(result.status == 0, "\(result.errors)")
    let summary = try JSON.parse(result.output)
    #expect(try #require(summary["removedParameters"]?.doubleValue) >= 0.3)
    #expect(!FileManager.default.fileExists(atPath: scratch.path("small.gguf.work")))
    let model = scratch.path("small.gguf")
    for verb in [
      ["lm", "info", model], ["lm", "generate", "--model", model, "--max-tokens", "4", "A cache"],
      ["compress", "eval", "--model", model, "--text", "README.md", "--window", "64", "--windows", "2"],
      [
        "compress", "eval", "--model", model, "--text", "README.md", "--window", "64", "--windows", "2", "--keep",
        "0.5",
      ],
      ["compress", "bench", model, "tiny", "--prefill", "16", "--decode", "2", "--rounds", "1"],
      ["compress", "export", model, "--out", scratch.path("factors.safetensors")],
      [
        "compress", "finetune", model, "--text", "README.md", "--steps", "2", "--length", "32", "--out",
        scratch.path("tuned.gguf"),
      ],
      [
        "compress", "update", model, "--model", "tiny", "--text", "README.md", "--window", "64", "--windows", "2",
        "--out",
        scratch.path("updated.gguf"),
      ],
    ] {
      let result = try Command.hardwise(verb)
      #expect(result.status == 0, "\(verb): \(result.errors)")
      #expect(!result.output.isEmpty)
    }
  }

  @Test("Grams are collected once, then inspected and planned with; a plan is compressed by")
  func parts() throws {
    let text = ["--model", "tiny", "--text", "README.md", "--window", "64", "--windows", "4"]
    let grams = ["--grams", scratch.path("grams")]
    let plan = scratch.path("plan.json")
    for verb in [
      ["compress", "calibrate"] + text + ["--out", scratch.path("grams")],
      ["compress", "inspect"] + text + grams + ["--only", "key", "--heat-map", scratch.path("key.svg")],
      ["compress", "plan"] + text + grams + ["--share", "optimal", "--ratio", "0.3", "--out", plan],
      ["compress"] + text + ["--plan", plan, "--out", scratch.path("planned.gguf")],
      ["compress", "plan", "--model", "tiny", "--bytes", "900KB"],
    ] {
      let result = try Command.hardwise(verb)
      #expect(result.status == 0, "\(verb): \(result.errors)")
    }
    #expect(try String(contentsOfFile: scratch.path("key.svg"), encoding: .utf8).contains("<svg"))
  }

  @Test("killed at any time and resumed, the same bytes are written")
  func killed() throws {
    #expect(try Command.hardwise(arguments("whole.gguf")).status == 0)
    for seconds in [0.1, 0.2, 0.4, 0.8, 1.6, 3.2] {
      let process = Process()
      process.executableURL = Command.tool
      process.arguments = arguments("cut.gguf") + ["--resume"]
      process.currentDirectoryURL = Workspace.root
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: seconds)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let last = try Command.hardwise(arguments("cut.gguf") + ["--resume"])
    #expect(last.status == 0, "\(last.errors)")
    let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.path("whole.gguf")))
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path("cut.gguf"))) == whole)
  }
}
