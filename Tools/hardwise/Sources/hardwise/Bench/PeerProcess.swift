import Foundation
import JSONC

/// Another program that does the same work when asked, one JSON line each way (see `Tools/peers/torch_worker.py`).
final class PeerProcess {
  /// What the program calls itself, e.g. `"PyTorch 2.13.0"`.
  let name: String
  private let process: Process
  private let requests: FileHandle
  private let answers: FileHandle
  private var buffer = Data()

  /// Starts `command` through the shell and waits for its greeting.
  /// - Throws: ``PeerError`` when it does not start or does not greet.
  init(command: String) throws(PeerError) {
    let input = Pipe()
    let output = Pipe()
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "exec " + command]
    process.standardInput = input
    process.standardOutput = output
    requests = input.fileHandleForWriting
    answers = output.fileHandleForReading
    do {
      try process.run()
    } catch {
      throw PeerError(command: command, problem: "cannot be started (\(error.localizedDescription))")
    }
    var first = Data()
    var received: Greeting?
    while let chunk = try? answers.read(upToCount: 1), !chunk.isEmpty, chunk != Data("\n".utf8) { first += chunk }
    received = try? JSON.decode(Greeting.self, from: first)
    guard let greeting = received else {
      process.terminate()
      throw PeerError(command: command, problem: "ended or spoke nonsense instead of greeting with {\"peer\": …}")
    }
    name = greeting.peer
  }

  deinit {
    try? requests.write(contentsOf: Data("{\"work\":\"bye\"}\n".utf8))
    try? requests.close()
    process.waitUntilExit()
  }

  /// The peer's median time for one piece of work, in seconds; nil when it cannot do it.
  func seconds(_ request: PeerRequest) throws -> Double? { try answer(request)?.seconds }

  /// The peer's answer to a request; nil when it has ended.
  func answer(_ request: PeerRequest) throws -> Answer? {
    try requests.write(contentsOf: JSON.encode(request) + Data("\n".utf8))
    return try readLine().map { try JSON.decode(Answer.self, from: $0) }
  }

  private func readLine() -> Data? {
    let newline = UInt8(ascii: "\n")
    while true {
      if let end = buffer.firstIndex(of: newline) {
        let line = buffer[buffer.startIndex..<end]
        buffer = Data(buffer[(end + 1)...])
        return Data(line)
      }
      // What has arrived, however little: `read(upToCount:)` would wait for the whole count.
      let chunk = answers.availableData
      guard !chunk.isEmpty else { return nil }
      buffer += chunk
    }
  }

  private struct Greeting: Decodable { let peer: String }

  /// What a peer found.
  struct Answer: Decodable {
    /// The median time of one piece of work.
    let seconds: Double?
    /// The largest memory, where that was asked for.
    let bytes: Int?
    /// Why it could not do the work.
    let error: String?
  }
}

/// One piece of work for a peer.
struct PeerRequest: Encodable {
  var work: String
  var model: String?
  /// A self-describing checkpoint instead of a model's name.
  var file: String?
  /// Shape of one image of `file`, `[channels, height, width]`.
  var shape: [Int]?
  var size: Int?
  /// `float32`, `bfloat16` or `int8` for a matrix product.
  var precision: String?
  var batch: Int?
  /// Tokens of a prompt, or of the context before the work.
  var tokens: Int?
  /// How many texts to score, and the tokens of each.
  var options: Int?
  var length: Int?
  var threads: Int
  /// How long the peer may repeat the work, in seconds.
  var seconds = 0.3
}

/// A peer that could not be asked.
struct PeerError: Error, CustomStringConvertible {
  let command: String
  let problem: String

  var description: String {
    "peer '\(command)' \(problem); try the command by hand, or run without --peer"
  }
}

extension PeerError: MissingResource {}
