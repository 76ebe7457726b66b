import Foundation
import JSONC
import PELNAS
import Testing

@Suite struct SearchTests {
  private func search(
    _ proposer: (any Proposer)? = nil, partition: Partition = .conv3x3, seed: UInt64 = 1
  ) throws -> CoevolutionSearch {
    let task = try syntheticTask()
    var configuration = SearchConfiguration()
    configuration.seed = seed
    configuration.generations = 4
    return try CoevolutionSearch(
      task: task, partition: partition, estimates: .truth(task),
      proposer: proposer ?? KnowledgeProposer(partition), configuration: configuration)
  }

  @Test func theLoopEvaluatesWhatItSays() async throws {
    let report = try await search().run()
    #expect(report.evaluations == 6 * 10 + 4 * 6 * 5)
    #expect(report.counters.updateCalls == 24 && report.counters.proposeCalls >= 24)
    #expect(Set(report.evaluated.map(\.cell)).count == report.evaluated.count)
    #expect(report.evaluated.allSatisfy { Partition.conv3x3.niche(of: $0.cell) == $0.niche && $0.cell.isConnected })
    #expect(abs(report.nicheEntropy - 1) < 1e-12)
    #expect(report.front == report.evaluated.map(\.scored).front())
    #expect(report.quality.hvFront > 0.5)
    #expect(report.evaluated.count { $0.source == .fallback } == report.counters.fallback)
  }

  @Test func searchesRepeatAndSeedsDiffer() async throws {
    let first = try await search().run().fingerprint()
    let second = try await search().run().fingerprint()
    let other = try await search(seed: 2).run().fingerprint()
    #expect(first == second && first != other)
  }

  /// Cancelled after every possible number of calls, then resumed: the same report to the last bit.
  @Test func resumedSearchesAreBitIdentical() async throws {
    let expected = try await search().run().fingerprint()
    for calls in [0, 1, 7, 13, 23] {
      let state = try temporaryFolder().appending(path: "state.json")
      var left = calls
      await #expect(throws: CancellationError.self) {
        _ = try await search().run(
          stateURL: state,
          isCancelled: {
            left -= 1
            return left < 0
          })
      }
      let resumed = try await search().run(stateURL: state)
      #expect(try resumed.fingerprint() == expected)
      let size = try Data(contentsOf: state).count
      #expect(size < 1 << 20)
    }
  }

  @Test func aStateOfAnotherSearchIsRefused() async throws {
    let state = try temporaryFolder().appending(path: "state.json")
    _ = try await search().run(stateURL: state)
    await #expect(throws: PELNASError.self) { try await search(seed: 2).run(stateURL: state) }
    try Data("{".utf8).write(to: state)
    await #expect(throws: PELNASError.self) { try await search().run(stateURL: state) }
  }

  @Test func recordingsReplayByteForByte() async throws {
    let folder = try temporaryFolder()
    let first = folder.appending(path: "a.jsonl")
    let second = folder.appending(path: "b.jsonl")
    let recorded = try await search(RecordingProposer(KnowledgeProposer(.conv3x3), to: first)).run()
    let replayed = try await search(RecordingProposer(ReplayProposer(contentsOf: first), to: second)).run()
    #expect(replayed.evaluated == recorded.evaluated && replayed.rules == recorded.rules)
    #expect(replayed.counters == recorded.counters)
    #expect(replayed.proposer.isReplayed && !recorded.proposer.isReplayed)
    let third = folder.appending(path: "c.jsonl")
    _ = try await search(RecordingProposer(ReplayProposer(contentsOf: second), to: third)).run()
    #expect(try Data(contentsOf: second) == Data(contentsOf: third))
  }

  @Test func aReplayNeverInvents() async throws {
    let url = try temporaryFolder().appending(path: "a.jsonl")
    _ = try await search(RecordingProposer(KnowledgeProposer(.conv3x3), to: url)).run()
    let replay = try ReplayProposer(contentsOf: url)
    await #expect(throws: PELNASError.self) { try await search(replay, seed: 7).run() }
  }

  @Test(arguments: ["", "{}\n", "not json\n", "{\"key\":\"a\"}\n", "[1,2]\n"])
  func damagedRecordingsAreErrors(_ text: String) throws {
    let url = try temporaryFolder().appending(path: "r.jsonl")
    try Data(text.utf8).write(to: url)
    #expect(throws: PELNASError.self) { try ReplayProposer(contentsOf: url) }
    #expect(throws: PELNASError.self) { try ReplayProposer(contentsOf: url.appending(path: "none")) }
  }

  /// A proposer that always fails: fallbacks do the work, and the run says so.
  @Test func failuresDegradeButDoNotEndTheSearch() async throws {
    struct Broken: Proposer {
      struct Refused: Error {}
      var identity: ProposerIdentity { ProposerIdentity(kind: "broken") }
      func updateKnowledge(_ request: KnowledgeRequest) throws -> KnowledgeReply { throw Refused() }
      func propose(_ request: ProposalRequest) throws -> ProposalReply { throw Refused() }
    }
    let report = try await search(Broken()).run()
    #expect(report.counters.isDegraded && report.counters.failedCalls == 24 * 4)
    #expect(report.evaluated.allSatisfy { $0.source != .proposer })
    #expect(report.evaluations == 180)
  }

  /// A proposer that repeats itself and leaves its niche: everything is counted by cause.
  @Test func rejectionsAreCountedByCause() async throws {
    struct Stubborn: Proposer {
      var identity: ProposerIdentity { ProposerIdentity(kind: "stubborn") }
      func updateKnowledge(_ request: KnowledgeRequest) -> KnowledgeReply { KnowledgeReply(rules: [], unusable: 1) }
      func propose(_ request: ProposalRequest) throws -> ProposalReply {
        ProposalReply([Proposal(Cell.empty), Proposal(try Cell(word: "333333"))], unparsable: 1)
      }
    }
    let report = try await search(Stubborn()).run()
    #expect(report.counters.unparsable == report.counters.proposeCalls)
    #expect(report.counters.outOfNiche > 0 && report.counters.unusable > 0 && report.counters.duplicate > 0)
    #expect(report.counters.unusableRules == 24)
  }

  @Test func aNicheSmallerThanTheBudgetIsEvaluatedWhole() async throws {
    let task = try syntheticTask()
    let partition = Partition(name: "tiny", descriptions: ["five cells", "the rest"]) { $0.code > 15_619 ? 0 : 1 }
    let report = try await CoevolutionSearch(
      task: task, partition: partition, estimates: .truth(task), proposer: UniformProposer(partition)
    ).run()
    #expect(report.evaluated.count { $0.niche == 0 } == 5)
  }

  @Test func settingsOutOfRangeAreErrors() throws {
    let task = try syntheticTask()
    var configuration = SearchConfiguration()
    configuration.crossover = 2
    #expect(throws: PELNASError.self) {
      try CoevolutionSearch(
        task: task, partition: .none, estimates: .truth(task), proposer: UniformProposer(.none),
        configuration: configuration)
    }
  }

  @Test func rulesCarryEvidence() async throws {
    let report = try await search().run()
    let rules = report.rules.flatMap { $0 }
    #expect(rules.contains { $0.status == .active })
    #expect(rules.allSatisfy { $0.evidence != nil && (1...2).contains($0.conditions.count) })
    #expect(try JSON.decode([Rule].self, from: JSON.encode(rules)) == rules)
  }
}
