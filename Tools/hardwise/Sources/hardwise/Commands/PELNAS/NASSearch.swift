import ArgumentParser
import ChatEndpoint
import FileKit
import Foundation
import JSONC
import LanguageModel
import PELNAS
import ReproductionKit

/// `hardwise pelnas search`
struct NASSearch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Run the partitioned co-evolution and write the front, the rules and the charts.",
    discussion: """
      Proposers: knowledge (rules and evolution, no model), local (a constrained local model), openai (a server; needs --endpoint), \
      replay (a recording; needs --replay), uniform. Nothing is sent over the network unless --endpoint names a server.
      """)

  @OptionGroup var task: NASTaskOptions

  @Option(help: "Who proposes: knowledge, local, openai, replay or uniform.")
  var proposer = ProposerKind.knowledge

  @OptionGroup var model: ModelArguments

  @Option(help: ArgumentHelp("An OpenAI-compatible server, such as http://localhost:8080.", valueName: "url"))
  var endpoint: String?

  @Option(help: ArgumentHelp("The model's name on the server.", valueName: "name"))
  var endpointModel = "default"

  @Option(help: ArgumentHelp("Environment variable that holds the server's key.", valueName: "variable"))
  var keyVariable: String?

  @Option(help: ArgumentHelp("Recording to answer from.", valueName: "file"))
  var replay: String?

  @Option(help: ArgumentHelp("Record every call to this file.", valueName: "file"))
  var record: String?

  @Option(
    help: ArgumentHelp("Texts to ask a model with, in the form of the package's prompts.json.", valueName: "file"))
  var prompts: String?

  @Option(help: "Sampling temperature of a model.")
  var temperature = 1.0

  @Option(help: "Weight of the rule base in a local model's choices.")
  var ruleWeight = 0.0

  @Option(help: "Niches: conv3x3, none, random-K, flops-K, latency-K or tree-DEPTH.")
  var partition = "conv3x3"

  @Option(help: "Trained accuracies that the predictor may look at; 0 searches on the trained accuracies themselves.")
  var labels = 100

  @Option(help: ArgumentHelp("A predictor of `predict fit` instead of a new one.", valueName: "file"))
  var predictor: String?

  @Option(help: "Generations.")
  var generations = 10

  @Option(help: "Cells per call.")
  var children = 5

  @Option(help: "Random cells of each niche at the beginning.")
  var initial = 10

  @Option(help: "Seed of everything.")
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Folder for report.json, charts and the state.", valueName: "folder"))
  var out: String?

  @Flag(help: "Go on with the state in --out.")
  var resume = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if resume, out == nil { throw ValidationError("--resume needs --out, the folder of the interrupted search") }
    if resume, record != nil {
      throw ValidationError("--record would hold the calls after --resume only; record a search from its beginning")
    }
    if labels < 0 { throw ValidationError("--labels is \(labels); give 0 or more") }
  }

  func run() async throws {
    let data = try task.data.source()
    let clock = ContinuousClock()
    let start = clock.now
    let (benchmark, task) = try task.task()
    let loaded = clock.now
    let partition = try NASPartition.named(partition, task: task, seed: seed)
    let estimates = try estimates(benchmark, task)
    let fitted = clock.now
    var configuration = SearchConfiguration()
    configuration.generations = generations
    configuration.childrenPerCall = children
    configuration.initialPerNiche = initial
    configuration.seed = seed
    let search = try CoevolutionSearch(
      task: task, partition: partition, estimates: estimates, proposer: try makeProposer(partition, task),
      configuration: configuration)
    let folder = out.map { URL(fileURLWithPath: $0, isDirectory: true) }
    let state = folder?.appending(path: "state.json")
    if let state, !resume, FileManager.default.fileExists(atPath: state.path) {
      throw PELNASError.badFile(
        path: state.path, problem: "is the state of an earlier search; add --resume, or give another --out")
    }
    let handler = InterruptionHandler()
    defer { handler.uninstall() }
    let progress = ProgressReporter(sink: TerminalProgressSink())
    var report: SearchReport
    do {
      report = try await search.run(
        stateURL: state, progress: { progress.report($0, of: $1, "calls for \(task.name)") },
        isCancelled: { handler.flag.isRaised })
    } catch is CancellationError {
      throw Interrupted()
    }
    report.seconds.load = (loaded - start).seconds
    report.seconds.fit = (fitted - loaded).seconds
    report.data = [data]
    if let folder { try NASFiles.write(report, task, to: folder) }
    if report.counters.isDegraded {
      Terminal.remark("\(report.counters.failedCalls) calls failed; fallback cells took their place (degraded)")
    }
    try output.emit(report, text: NASText.report(report, task))
  }

  private func estimates(_ benchmark: Benchmark, _ task: SearchTask) throws -> SearchEstimates {
    if labels == 0, predictor == nil { return .truth(task) }
    let features = try PredictorFeatures(benchmark, task.dataSet)
    let fitted =
      try predictor.map { try JSON.read(AccuracyPredictor.self, from: URL(fileURLWithPath: $0)) }
      ?? AccuracyPredictor.fit(features, task, labels: labels, seed: seed)
    for warning in fitted.warnings { Terminal.remark(warning) }
    return try .predicted(fitted, features)
  }

  /// The model's file; never another model than the one that is meant.
  private func localFile() throws -> ModelFile {
    if model.model == nil, ModelFile.defaultModelURL() == nil, (try? DataCatalog().resolve("smollm2")) == nil {
      throw PELNASError.proposer(
        "SmolLM2-135M-Instruct.Q4_1.gguf is not on this machine; `make model` brings it, or use --proposer knowledge, --proposer replay "
          + "--replay FILE, or --model with another file")
    }
    return try model.file()
  }

  private func texts() throws -> Prompts {
    guard let prompts else { return try .standard() }
    do {
      return try Prompts(contentsOf: URL(fileURLWithPath: prompts))
    } catch {
      throw PELNASError.badFile(path: prompts, problem: "these are no prompts (\(error))")
    }
  }

  private func makeProposer(_ partition: Partition, _ task: SearchTask) throws -> any Proposer {
    let prompt = PromptTask(
      device: task.deviceName, dataSet: task.dataSet.rawValue, isDetailed: proposer == .openai)
    let made: any Proposer
    switch proposer {
    case .knowledge: made = KnowledgeProposer(partition)
    case .uniform: made = UniformProposer(partition)
    case .replay:
      guard let replay else { throw ValidationError("--proposer replay needs --replay FILE") }
      made = try ReplayProposer(contentsOf: URL(fileURLWithPath: replay))
    case .openai:
      guard let endpoint else { throw ValidationError("--proposer openai needs --endpoint URL") }
      made = ChatProposer(
        try ChatEndpoint(url: endpoint, model: endpointModel, key: try EndpointArguments.key(keyVariable)),
        kind: "openai", prompts: try texts(), task: prompt, temperature: temperature)
    case .local:
      let file = try localFile()
      var options = ConstrainedProposer.Options()
      options.temperature = temperature
      options.knowledgeWeight = ruleWeight
      let chat = LocalChatModel(
        try LlamaModel(file), tokenizer: try file.tokenizer(), template: try file.chatTemplate())
      made = try ConstrainedProposer(
        LlamaDigitModel(chat), partition: partition, prompts: texts(), task: prompt, options: options)
    }
    return try record.map { try RecordingProposer(made, to: URL(fileURLWithPath: $0)) } ?? made
  }
}

/// Who proposes.
enum ProposerKind: String, CaseIterable, ExpressibleByArgument { case knowledge, local, openai, replay, uniform }
