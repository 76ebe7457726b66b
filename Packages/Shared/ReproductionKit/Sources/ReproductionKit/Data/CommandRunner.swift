import Foundation

/// Runs the external programs that fetching needs.
protocol CommandRunner: Sendable {
  /// Full path of a program, `nil` when it is not installed.
  func locate(_ program: String) -> String?
  /// Runs a program to its end; `tick` is called a few times a second meanwhile.
  ///
  /// - Returns: exit status and the last lines of what it wrote to standard error.
  func run(_ program: String, _ arguments: [String], tick: () -> Void) throws -> (status: Int32, message: String)
}

/// Runs programs found in `PATH` as child processes. Their output goes to a temporary file, never to standard output.
struct ProcessCommandRunner: CommandRunner {
  func locate(_ program: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  func run(_ program: String, _ arguments: [String], tick: () -> Void) throws -> (status: Int32, message: String) {
    guard let executable = locate(program) else {
      throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: program])
    }
    let log = FileManager.default.temporaryDirectory.appendingPathComponent("hardwise-\(UUID().uuidString).log")
    try Data().write(to: log)
    defer { try? FileManager.default.removeItem(at: log) }
    let output = try FileHandle(forWritingTo: log)
    defer { try? output.close() }

    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    while process.isRunning {
      tick()
      Thread.sleep(forTimeInterval: 0.05)
    }
    process.waitUntilExit()
    let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    let lines = text.split(whereSeparator: \.isNewline).suffix(3)
    return (process.terminationStatus, lines.joined(separator: " "))
  }
}
