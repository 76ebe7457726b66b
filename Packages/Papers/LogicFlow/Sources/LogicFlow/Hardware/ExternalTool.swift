import Foundation

/// A program of the system, found at run time.
public struct ExternalTool: Sendable, Hashable {
  /// Its name.
  public let name: String
  /// Where it lies.
  public let path: String

  /// The first `name` in the folders of `$PATH`, then beside the `swift` executable.
  public init?(_ name: String, environment: [String: String] = ProcessInfo.processInfo.environment) {
    let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    var candidates = folders.map { $0 + "/" + name }
    for folder in folders {
      let swift = URL(fileURLWithPath: folder + "/swift").resolvingSymlinksInPath()
      if FileManager.default.isExecutableFile(atPath: swift.path) {
        candidates.append(swift.deletingLastPathComponent().path + "/" + name)
      }
    }
    guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else { return nil }
    self.name = name
    path = found
  }

  /// Runs the tool and returns what it printed; an exit status other than 0 is an error with the first line of complaint.
  @discardableResult
  public func run(_ arguments: [String]) throws(LogicFlowError) -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let log = FileManager.default.temporaryDirectory.appendingPathComponent("logicflow-\(UUID().uuidString).log")
    defer { try? FileManager.default.removeItem(at: log) }
    do {
      try Data().write(to: log)
      let handle = try FileHandle(forWritingTo: log)
      process.standardOutput = handle
      process.standardError = handle
      try process.run()
      process.waitUntilExit()
      try handle.close()
    } catch {
      throw .compiler("\(name) did not start: \(error.localizedDescription)")
    }
    let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    guard process.terminationStatus == 0 else {
      let complaint =
        text.split(separator: "\n").first { $0.contains("error") } ?? text.split(separator: "\n").first ?? ""
      throw .compiler("\(name) ended with status \(process.terminationStatus): \(complaint)")
    }
    return text
  }
}
