import ArgumentParser
import Foundation
import ReproductionKit
import TinyTensor

/// `hardwise doctor`
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "What this machine and this build offer, and what each optional tool would enable.")

  @OptionGroup var output: OutputOptions

  func run() throws {
    let diagnosis = Diagnosis()
    try output.emit(diagnosis, text: diagnosis.text)
  }

  private struct Diagnosis: Encodable {
    let host = HostDescription.current
    let threads = Threads.count
    let simdWidth = MachineProbe.simdWidth
    let compiledFeatures = MachineProbe.compiledFeatures
    let unusedFeatures = MachineProbe.unusedFeatures
    let tools = OptionalTool.all.map { Tool(name: $0.program, purpose: $0.purpose, path: $0.path, brings: $0.brings) }

    struct Tool: Encodable {
      let name, purpose: String
      let path: String?
      let brings: String
    }

    var text: String {
      var lines = [
        "processor   \(host.processor), \(host.cores) cores, offers \(host.simd.joined(separator: " "))",
        "build       Swift \(host.swift), \(host.build), \(simdWidth) float lanes, uses "
          + (compiledFeatures.isEmpty ? "the baseline only" : compiledFeatures.joined(separator: " ")),
        "threads     \(threads) (HARDWISE_THREADS changes it)",
        "system      \(host.system)",
      ]
      if !unusedFeatures.isEmpty {
        lines.append(
          "advice      this build leaves \(unusedFeatures.joined(separator: ", ")) unused; rebuild with `make build` "
            + "(swift build -c release -Xcc -march=native)")
      }
      var table = Table(title: "Optional tools", columns: [.text("tool"), .text("enables"), .text("found")])
      for tool in tools {
        table.append([.text(tool.name), .text(tool.purpose), .text(tool.path ?? "no; \(tool.brings)")])
      }
      return lines.joined(separator: "\n") + "\n\n" + table.plainText(width: Terminal.width)
    }
  }
}

/// A program that some command uses when it is there.
private struct OptionalTool {
  let program: String
  let purpose: String
  let brings: String

  static let all = [
    OptionalTool(program: "curl", purpose: "hardwise data fetch: downloads", brings: "apt-get install curl"),
    OptionalTool(
      program: "python3", purpose: "make bench-peers; hardwise data fetch smollm2",
      brings: "apt-get install python3-venv"),
    OptionalTool(
      program: "rsvg-convert", purpose: "turning report charts into PNG", brings: "apt-get install librsvg2-bin"),
    OptionalTool(program: "git", purpose: "the commit in a report's provenance", brings: "apt-get install git"),
  ]

  /// Where the program is, following PATH.
  var path: String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
