import FileKit
import Foundation
import JSONC
import Synchronization

/// One call of a proposer: a line of a recording.
struct RecordedProposal: Codable {
  /// SHA-256 of the request.
  var key: String
  var identity: ProposerIdentity
  var knowledge: KnowledgeReply?
  var proposals: ProposalReply?
}

extension RecordedProposal {
  static func key(of request: some Encodable) throws -> String { SHA256.hexDigest(of: try JSON.encode(request)) }
}

/// Answers like another proposer and writes every call to a file of JSON lines, for ``ReplayProposer``.
public final class RecordingProposer: Proposer {
  private let wrapped: any Proposer
  private let url: URL
  private let handle: Mutex<FileHandle>

  /// Records what a proposer answers into a new file.
  public init(_ wrapped: any Proposer, to url: URL) throws(PELNASError) {
    self.wrapped = wrapped
    self.url = url
    do {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: url)
      handle = Mutex(try FileHandle(forWritingTo: url))
    } catch {
      throw .badFile(path: url.path, problem: "cannot be written (\(error.localizedDescription)); give another file")
    }
  }

  public var identity: ProposerIdentity { wrapped.identity }

  public func updateKnowledge(_ request: KnowledgeRequest) async throws -> KnowledgeReply {
    let reply = try await wrapped.updateKnowledge(request)
    try append(
      RecordedProposal(key: try RecordedProposal.key(of: request), identity: wrapped.identity, knowledge: reply))
    return reply
  }

  public func propose(_ request: ProposalRequest) async throws -> ProposalReply {
    let reply = try await wrapped.propose(request)
    try append(
      RecordedProposal(key: try RecordedProposal.key(of: request), identity: wrapped.identity, proposals: reply))
    return reply
  }

  private func append(_ call: RecordedProposal) throws {
    let line = try JSON.encode(call) + Data("\n".utf8)
    do {
      try handle.withLock { try $0.write(contentsOf: line) }
    } catch {
      throw PELNASError.badFile(path: url.path, problem: "cannot be written (\(error.localizedDescription))")
    }
  }
}

/// Answers from a recording, byte for byte and without a model. A request that was not recorded is an error, never a new answer.
public struct ReplayProposer: Proposer {
  public let identity: ProposerIdentity
  private let path: String
  private let calls: [String: RecordedProposal]

  /// Opens a recording.
  ///
  /// - Throws: ``PELNASError`` with the damaged line.
  public init(contentsOf url: URL) throws(PELNASError) {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .badFile(path: url.path, problem: "cannot be read (\(error.localizedDescription)); give a recording")
    }
    var calls: [String: RecordedProposal] = [:]
    var identity: ProposerIdentity?
    for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
      let call: RecordedProposal
      do {
        call = try JSON.decode(RecordedProposal.self, from: Data(line))
      } catch {
        throw .badTable(
          file: url.lastPathComponent, line: index + 1, column: "", problem: "not a recorded call (\(error))")
      }
      calls[call.key] = call
      identity = identity ?? call.identity
    }
    guard var identity else { throw .badFile(path: url.path, problem: "the recording is empty; record again") }
    identity.isReplayed = true
    self.identity = identity
    self.calls = calls
    path = url.path
  }

  public func updateKnowledge(_ request: KnowledgeRequest) throws -> KnowledgeReply {
    guard let reply = calls[try RecordedProposal.key(of: request)]?.knowledge else {
      throw missing("rules", request.niche, request.generation)
    }
    return reply
  }

  public func propose(_ request: ProposalRequest) throws -> ProposalReply {
    guard let reply = calls[try RecordedProposal.key(of: request)]?.proposals else {
      throw missing("cells", request.niche, request.generation)
    }
    return reply
  }

  private func missing(_ what: String, _ niche: Int, _ generation: Int) -> PELNASError {
    .badFile(
      path: path,
      problem: "the request for \(what) of niche \(niche) in generation \(generation) was not recorded; "
        + "search with the settings of the recording, or record again")
  }
}
