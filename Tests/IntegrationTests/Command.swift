import Foundation

/// Runs a program and keeps what it said.
struct Command {
  let output: String
  let errors: String
  let status: Int32

  /// The built `hardwise` beside the test bundle.
  static let tool: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    let folder = bundle?.deletingLastPathComponent() ?? Bundle.main.bundleURL
    return folder.appendingPathComponent("hardwise")
  }()

  static func hardwise(
    _ arguments: [String], in folder: URL = Workspace.root, environment: [String: String] = [:], input: String? = nil
  ) throws -> Command {
    try run(tool.path, arguments, in: folder, environment: environment, input: input)
  }

  static func run(
    _ program: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:], input: String? = nil
  ) throws -> Command {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: nothing can block however much is written.
    let out = try TemporaryFile()
    let err = try TemporaryFile()
    process.standardOutput = out.handle
    process.standardError = err.handle
    process.standardInput = FileHandle.nullDevice
    let given = try TemporaryFile()
    if let input { process.standardInput = try given.reading(input) }
    try process.run()
    process.waitUntilExit()
    return Command(output: try out.text(), errors: try err.text(), status: process.terminationStatus)
  }
}

/// A file that goes away with its last reference.
private final class TemporaryFile {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("hardwise-test-" + UUID().uuidString)
  let handle: FileHandle

  init() throws {
    _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    handle = try FileHandle(forWritingTo: url)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Fills the file; returns a handle at its beginning.
  func reading(_ text: String) throws -> FileHandle {
    try handle.write(contentsOf: Data(text.utf8))
    return try FileHandle(forReadingFrom: url)
  }

  func text() throws -> String {
    try handle.close()
    return String(decoding: try Data(contentsOf: url), as: UTF8.self)
  }
}
