import ClassAwarePruning
import Foundation
import ImageDataset
import Testing
import TinyTensor
import VisionModels

@Suite("Pruner")
struct PrunerTests {
  static let train = Result { try Fixtures.bars(perClass: 40) }
  static let validation = Result { try Fixtures.bars(perClass: 10, split: "test", seed: 2) }

  static func configuration() -> PruneConfiguration {
    PruneConfiguration(
      score: ScoreOptions(imagesPerClass: 3), rule: RemovalRule(strategy: .percentage(0.15)),
      training: RetrainingOptions(learningRate: 0.05, batchSize: 16, augmentation: .none), initialImages: 320,
      retrainImages: 96, maximumRounds: 4, maximumAccuracyLoss: nil)
  }

  static func network() throws -> Network {
    var network = try Models.digits(classes: 4, width: 6)
    network.initialize(seed: 1)
    return network
  }

  static func pruner(_ configuration: PruneConfiguration) throws -> Pruner {
    try Pruner(
      configuration, train: train.get(), validation: validation.get(), normalization: train.get().normalization)
  }

  @Test("A run shrinks the network, keeps what it learned and proves every step")
  func run() throws {
    let (network, report) = try Self.pruner(Self.configuration()).run(Self.network())
    #expect(report.stop == .rounds)
    #expect(report.rounds.count == 4)
    #expect(report.after.macs < report.before.macs)
    #expect(NetworkCounts(network) == report.after)
    #expect(report.rounds.allSatisfy { $0.certificate.holds })
    // Four classes: guessing scores 0.25.
    #expect(report.end.accuracy > 0.6)
    #expect(PruningHistory(of: network).originalWidths["conv4"] == 12)
  }

  @Test("One and two threads give the same bits")
  func threads() throws {
    var configuration = Self.configuration()
    configuration.maximumRounds = 2
    let one = try Threads.withCount(1) { try Self.pruner(configuration).run(Self.network()) }
    let two = try Threads.withCount(2) { try Self.pruner(configuration).run(Self.network()) }
    #expect(one.network.fingerprint == two.network.fingerprint)
    #expect(one.report == two.report)
  }

  @Test("Killed after round 2, resumed: bit for bit the uninterrupted run")
  func resume() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("prune-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let whole = try Self.pruner(Self.configuration()).run(Self.network())
    let flag = Flag()
    var interrupted = try Self.pruner(Self.configuration())
    interrupted.stateFolder = folder
    interrupted.isCancelled = { flag.isRaised }
    interrupted.onProgress = { phase, fraction in
      // In the middle of the third round's retraining.
      if phase == "retraining 3", fraction > 0.3 { flag.isRaised = true }
    }
    let partial = try interrupted.run(Self.network())
    #expect(partial.report.stop == .cancelled)
    #expect(partial.report.rounds.count == 2)
    var resumed = try Self.pruner(Self.configuration())
    resumed.stateFolder = folder
    let rest = try resumed.run(Self.network(), resume: true)
    #expect(rest.network.fingerprint == whole.network.fingerprint)
    #expect(rest.report == whole.report)
    // Finished runs leave no state, and a state of another configuration is refused.
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left.isEmpty)
  }

  @Test("A state of another run is refused")
  func staleState() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("prune-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let flag = Flag()
    var first = try Self.pruner(Self.configuration())
    first.stateFolder = folder
    first.isCancelled = { flag.isRaised }
    first.onRound = { _, _ in
      flag.isRaised = true
      return .continue
    }
    _ = try first.run(Self.network())
    var other = Self.configuration()
    other.seed = 5
    var second = try Self.pruner(other)
    second.stateFolder = folder
    #expect(throws: PruneError.self) { try second.run(Self.network(), resume: true) }
  }

  @Test("The pure threshold rule ends by itself")
  func nothingLeft() throws {
    var configuration = Self.configuration()
    configuration.rule = RemovalRule(strategy: .threshold(.constant(0.5)))
    configuration.maximumRounds = nil
    configuration.retrainImages = 0
    let (network, report) = try Self.pruner(configuration).run(Self.network())
    #expect(report.stop == .nothingLeft)
    let data = try Self.train.get()
    let scores = try ClassScorer(configuration.score).scores(network, data: data, normalization: data.normalization)
    let units = try ChannelUnits(network)
    let rule = configuration.rule
    let plan = try rule.plan(
      network, scores: scores.byLayer, units: units,
      limits: PlanLimits(classes: 4, originalWidths: PruningHistory(of: network).originalWidths))
    #expect(plan.isEmpty)
  }

  @Test("A round that costs too much is rolled back")
  func rollBack() throws {
    var configuration = Self.configuration()
    configuration.rule = RemovalRule(strategy: .percentage(0.9), minKeep: 0)
    configuration.retrainImages = 0
    configuration.maximumAccuracyLoss = 0.02
    let (network, report) = try Self.pruner(configuration).run(Self.network())
    guard case .accuracy = report.stop else {
      Issue.record("stopped because \(report.stop)")
      return
    }
    #expect(report.rounds.last?.isRolledBack == true)
    #expect(report.after == NetworkCounts(network))
    #expect(report.end.accuracy >= report.prepared.accuracy - 0.02)
  }

  @Test("The target ends the run with the needed tail only")
  func target() throws {
    var configuration = Self.configuration()
    configuration.targetMacsReduction = 0.3
    configuration.maximumRounds = nil
    let (_, report) = try Self.pruner(configuration).run(Self.network())
    #expect(report.stop == .target)
    #expect(report.macsReduction >= 0.3 && report.macsReduction < 0.5)
  }

  @Test("A class contract protects filters and rolls back")
  func contract() throws {
    var configuration = Self.configuration()
    configuration.contract = ClassContract(floors: ["bar1": 1.0], protectAbove: 2)
    configuration.rule = RemovalRule(strategy: .percentage(0.9), minKeep: 0)
    configuration.retrainImages = 0
    configuration.maximumAccuracyLoss = nil
    let (_, report) = try Self.pruner(configuration).run(Self.network())
    if case .classFloor(let name, _, let floor) = report.stop {
      #expect(name == "bar1" && floor == 1)
    } else {
      #expect(report.end.perClass[1] == 1)
    }
    let data = try Self.train.get()
    let network = try Self.network()
    let scores = try ClassScorer().scores(network, data: data, normalization: data.normalization)
    let units = try ChannelUnits(network)
    let protected = try ClassContract(floors: ["bar1": 0.5], protectAbove: 0.1).protectedUnits(scores, units: units)
    let loose = try ClassContract(floors: ["bar1": 0.5], protectAbove: 1.5).protectedUnits(scores, units: units)
    #expect(!protected.isEmpty && loose.isEmpty)
    #expect(throws: PruneError.self) {
      try ClassContract(floors: ["zebra": 0.5]).protectedUnits(scores, units: units)
    }
    for text in ["cat", "cat=", "=0.5", "cat=2", "a=b=c"] {
      #expect(throws: PruneError.self, "\(text)") { try ClassContract(parsing: [text]) }
    }
  }

  @Test("Impossible configurations are refused before any work")
  func validation() throws {
    var cases: [PruneConfiguration] = []
    func add(_ change: (inout PruneConfiguration) -> Void) {
      var configuration = Self.configuration()
      change(&configuration)
      cases.append(configuration)
    }
    add { $0.criterion = "magic" }
    add { $0.rule.strategy = .percentage(0) }
    add { $0.rule.strategy = .threshold(.constant(1.5)) }
    add { $0.rule.minKeep = 2 }
    add { $0.cost.l1 = -1 }
    add { $0.maximumRounds = 0 }
    add { $0.targetMacsReduction = 1 }
    add { $0.retrainImages = -1 }
    add { $0.maximumAccuracyLoss = 7 }
    add { $0.training.learningRate = 0 }
    add { $0.training.batchSize = 0 }
    add { $0.contract = ClassContract(floors: ["bar0": 3]) }
    add {
      $0.criterion = "l1"
      $0.rule.strategy = .threshold(.constant(0.3))
    }
    for configuration in cases { #expect(throws: PruneError.self) { try Self.pruner(configuration) } }
  }
}

/// A switch that closures share.
final class Flag: @unchecked Sendable {
  var isRaised = false
}
