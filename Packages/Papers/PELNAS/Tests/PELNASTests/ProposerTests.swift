import Foundation
import LanguageModel
import PELNAS
import ReproductionKit
import Synchronization
import Testing
import TinyTensor

/// A model that knows nothing: random logits, or one fixed wish.
struct StubDigitModel: DigitModel {
  var wish: Int?
  var name: String { "stub" }
  var fingerprint: String? { nil }

  func begin(_ messages: [ChatMessage], answers: Int) -> any DigitSession {
    Session(wish: wish, answers: answers, generator: Philox(seed: 7, stream: messages.map(\.content).joined()))
  }

  struct Session: DigitSession {
    let wish: Int?
    let answers: Int
    var generator: Philox
    var tokens = TokenCount()

    mutating func advance(_ texts: [String]) -> [[Float]] {
      tokens.written += texts.count
      return (0..<answers).map { _ in
        (0..<10).map { digit in wish.map { digit == $0 ? 30 : -30 } ?? 6 * generator.normal() }
      }
    }
  }
}

/// A chat model with canned answers.
struct CannedChat: ChatModel {
  let answer: String
  var capabilities: ChatCapabilities { ChatCapabilities(name: "canned", origin: .remote) }
  func complete(_ request: ChatRequest) -> AsyncThrowingStream<ChatEvent, any Error> {
    AsyncThrowingStream { continuation in
      continuation.yield(.text(answer))
      continuation.yield(.finished(.stopToken, TokenUsage(promptTokens: 3, completionTokens: 4)))
      continuation.finish()
    }
  }
}

private let task = PromptTask(device: "fpga", dataSet: "cifar10", isDetailed: false)

private func request(niche: Int, count: Int = 5, seed: UInt64 = 1) -> ProposalRequest {
  ProposalRequest(
    partition: "conv3x3", niche: niche, description: Partition.conv3x3.descriptions[niche], generation: 1, attempt: 0,
    parents: [], archive: [], rules: [], variation: .mutation, count: count, rejections: [], seed: seed)
}

@Suite struct ConstrainedProposerTests {
  /// 10 000 cells of each kind of stub: not one invalid or out of its niche.
  @Test(arguments: [nil, 0, 3])
  func noCellLeavesItsNiche(wish: Int?) throws {
    let proposer = try ConstrainedProposer(
      StubDigitModel(wish: wish), partition: .conv3x3, prompts: .standard(), task: task)
    for niche in 0..<6 {
      let reply = try proposer.propose(request(niche: niche, count: 1_700, seed: UInt64(niche)))
      #expect(reply.proposals.count == 1_700 && reply.unparsable == 0)
      #expect(reply.proposals.allSatisfy { Partition.conv3x3.niche(of: $0.cell) == niche })
    }
  }

  @Test func zeroModelWeightLeavesTheRuleBase() throws {
    var options = ConstrainedProposer.Options()
    options.modelWeight = 0
    options.knowledgeWeight = 4
    let proposer = try ConstrainedProposer(
      StubDigitModel(wish: 0), partition: .none, prompts: .standard(), task: task, options: options)
    var asked = request(niche: 0, count: 50)
    asked.archive = (0..<20).map { _ in
      ScoredCell(Cell([CellOperation](repeating: .conv3x3, count: 6)), cost: 1, accuracy: 90)
    }
    let cells = try proposer.propose(asked).proposals.map(\.cell)
    #expect(cells.count { $0.count(.conv3x3) == 6 } > 45)
  }

  @Test func rulesFollowTheGrammar() throws {
    let proposer = try ConstrainedProposer(StubDigitModel(), partition: .conv3x3, prompts: .standard(), task: task)
    let reply = try proposer.updateKnowledge(
      KnowledgeRequest(
        niche: 2, description: "x", generation: 3, lastRound: [], evaluated: [], rules: [], seed: 4))
    #expect((1...3).contains(reply.rules.count))
    #expect(
      reply.rules.allSatisfy { $0.conditions.count == 1 && $0.niche == 2 && $0.born == 3 && $0.source == "local" })
  }

  @Test func aTemperatureOfZeroIsAnError() throws {
    var options = ConstrainedProposer.Options()
    options.temperature = 0
    #expect(throws: PELNASError.self) {
      try ConstrainedProposer(
        StubDigitModel(), partition: .none, prompts: .standard(), task: task, options: options)
    }
  }

  /// The model embedded in the workspace, or its absence of digits, said clearly.
  @Test func theEmbeddedModelObeysTheGrammar() throws {
    let model = try LlamaDigitModel.open(nil)
    let proposer = try ConstrainedProposer(model, partition: .conv3x3, prompts: .standard(), task: task)
    for niche in 0..<6 {
      let first = try proposer.propose(request(niche: niche, count: 12))
      #expect(first.proposals.count == 12)
      #expect(first.proposals.allSatisfy { Partition.conv3x3.niche(of: $0.cell) == niche })
      #expect(try proposer.propose(request(niche: niche, count: 12)).proposals == first.proposals)
    }
  }

  /// SmolLM2, where it is on the machine. The full experiment draws 10 000.
  @Test(.enabled(if: smolLM2 != nil, "SmolLM2 is not on this machine"))
  func theRealModelObeysTheGrammar() throws {
    let proposer = try ConstrainedProposer(
      LlamaDigitModel.open(smolLM2), partition: .conv3x3, prompts: .standard(), task: task)
    for niche in 0..<6 {
      let cells = try proposer.propose(request(niche: niche, count: 16)).proposals.map(\.cell)
      #expect(cells.allSatisfy { Partition.conv3x3.niche(of: $0) == niche })
    }
  }
}

private let smolLM2: URL? = (try? DataCatalog()).flatMap { try? $0.resolve("smollm2").url }

@Suite struct AnswerParserTests {
  @Test func goodAnswersAreRead() throws {
    let cell = try Cell(word: "300310")
    for text in [
      "[{\"cell\":[3,0,0,3,1,0],\"rationale\":\"why\"}]", "[[3,0,0,3,1,0]]", "[3,0,0,3,1,0]", "[\"300310\"]",
      "Sure! Here it is: [{\"cell\": [3, 0, 0, 3, 1, 0]}] Enjoy.", "I propose [ 3,0, 0,3,1,0 ] because",
      "```json\n[[3,0,0,3,1,0]]\n```", "[9,9] then [3,0,0,3,1,0]", "[3,0,0,3,1,0], [{\"cell\":[3,",
    ] {
      #expect(AnswerParser.cells(text).proposals.map(\.cell) == [cell], "\(text)")
    }
    #expect(AnswerParser.cells("[{\"cell\":[3,0,0,3,1,0],\"rationale\":\"why\"}]").proposals.first?.rationale == "why")
  }

  @Test(arguments: [
    "", "no", "[]]", "[1,2,3]", "[3,0,0,3,1,5]", "[3,0,0,3,1,0,0]", "{\"cell\":[3,0,0,3,1]}", "[{\"cell\":[3,0,0,3,",
    "[3.5,0,0,3,1,0]", "[-1,0,0,3,1,0]", "[[[[[[", "[\"999999\"]", "[null]", "[{\"cell\":null}]", "[1e9,0,0,3,1,0]",
    "\u{0}\u{1}[",
  ])
  func brokenAnswersAreCountedRejections(_ text: String) {
    let parsed = AnswerParser.cells(text)
    #expect(parsed.proposals.isEmpty && parsed.unparsable > 0, "\(text)")
  }

  @Test func goodAndBadItemsAreToldApart() {
    let parsed = AnswerParser.cells("[[3,0,0,3,1,0],[7,0,0,0,0,0],{\"cell\":[0,0,0,1,0,0]},42]")
    #expect(parsed.proposals.count == 2 && parsed.unparsable == 2)
  }

  @Test func rulesAreRead() {
    let text = """
      [{"polarity":"prefer","if":{"edge":[0,3],"op":1},"text":"keep a skip"},
       {"polarity":"avoid","goal":"latency","if":[{"count":4,"relation":">=","n":2},{"pathLength":"<=","n":1}]}]
      """
    let parsed = AnswerParser.rules(text, niche: 1, generation: 2, source: "x")
    #expect(
      parsed.rules.map(\.conditions) == [
        [.edge(3, .skip)], [.count(.avgPool3x3, .atLeast, 2), .pathLength(.atMost, 1)],
      ])
    #expect(parsed.rules.map(\.goal) == [.accuracy, .latency] && parsed.unusable == 0)
  }

  @Test(arguments: [
    "", "[1]", "[{\"polarity\":\"love\",\"if\":{\"edge\":[0,3],\"op\":1}}]", "[{\"polarity\":\"prefer\"}]",
    "[{\"polarity\":\"prefer\",\"if\":{\"edge\":[3,0],\"op\":1}}]", "[{\"polarity\":\"prefer\",\"if\":[]}]",
    "[{\"polarity\":\"prefer\",\"if\":{\"edge\":[0,3],\"op\":9}}]",
    "[{\"polarity\":\"prefer\",\"if\":{\"count\":1,\"relation\":\"<\",\"n\":1}}]",
    "[{\"polarity\":\"prefer\",\"if\":{\"count\":1,\"relation\":\"<=\",\"n\":99}}]",
  ])
  func brokenRulesAreCounted(_ text: String) {
    let parsed = AnswerParser.rules(text, niche: 0, generation: 1, source: "x")
    #expect(parsed.rules.isEmpty && parsed.unusable > 0, "\(text)")
  }

  @Test func chatModelsBecomeProposers() async throws {
    let proposer = ChatProposer(
      CannedChat(answer: "[[3,0,0,3,1,0],[9]]"), kind: "openai", prompts: try .standard(), task: task)
    let reply = try await proposer.propose(request(niche: 3))
    #expect(reply.proposals.count == 1 && reply.unparsable == 1 && reply.tokens.read == 3 && reply.tokens.written == 4)
    #expect(proposer.identity.text == "openai canned at temperature 1.0")
  }
}
