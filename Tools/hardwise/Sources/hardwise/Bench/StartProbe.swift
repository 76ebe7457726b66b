import Foundation
import JSONC
import LanguageModel
import ReproductionKit

/// From a file on disk to the first token, in processes of their own: how long, and with how much memory.
struct StartProbe {
  /// A side's figures.
  struct Start: Encodable {
    /// Median over the rounds, from opening the file to the first token.
    let milliseconds: Double
    /// The largest resident memory of the process.
    let peakMemoryBytes: Int
  }

  let file: URL
  let threads: Int
  let rounds: Int

  /// Measures this program and the peer in turn.
  func measure(_ peer: PeerProcess?) throws -> (own: Start, peer: Start?) {
    var own: [PeerProcess.Answer] = []
    var others: [PeerProcess.Answer] = []
    for _ in 0..<rounds {
      own.append(try ownStart())
      let request = PeerRequest(work: "start", file: file.path, threads: threads)
      if let answer = try peer?.answer(request), answer.seconds != nil { others.append(answer) }
    }
    return (start(own), others.isEmpty ? nil : start(others))
  }

  private func start(_ answers: [PeerProcess.Answer]) -> Start {
    Start(
      milliseconds: 1000 * Statistics.median(answers.compactMap(\.seconds)),
      peakMemoryBytes: answers.compactMap(\.bytes).max() ?? 0)
  }

  /// `hardwise lm generate` of one token.
  private func ownStart() throws -> PeerProcess.Answer {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = ["lm", "generate", "The", "--model", file.path, "--max-tokens", "1", "--json"]
    process.environment = ProcessInfo.processInfo.environment.merging(["HARDWISE_THREADS": "\(threads)"]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let result = try JSON.parse(data)
    let seconds = (result["loadSeconds"]?.doubleValue ?? 0) + (result["firstTokenSeconds"]?.doubleValue ?? 0)
    return PeerProcess.Answer(seconds: seconds, bytes: result["peakMemoryBytes"]?.intValue, error: nil)
  }
}
