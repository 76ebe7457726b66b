import Foundation
import ImageDataset
import Testing
import TinyNN
import TinyTensor
import VisionModels

@Suite struct TrainerTests {
  @Test func lossFallsAndReportsAddUp() throws {
    let images = try TestData.tiny()
    var network = try TestData.network()
    var configuration = TestData.configuration(images)
    configuration.epochs = 12
    var steps: [StepReport] = []
    var trainer = Trainer(configuration)
    trainer.onStep = {
      steps.append($0)
      return .continue
    }
    trainer.validation = { _, epoch in Double(epoch) }
    let report = try trainer.fit(&network, on: images)
    #expect(report.outcome == .finished)
    #expect(report.steps == 36)
    #expect(steps.map(\.step) == Array(1...36))
    #expect(steps.last?.epoch == 11)
    #expect(report.epochs.map(\.validation) == (0..<12).map { Double($0) })
    let last = try #require(report.epochs.last)
    #expect(last.loss < report.epochs[0].loss * 0.7)
    #expect(try InferenceEngine(network).evaluate(images, normalization: images.normalization).accuracy > 0.9)
  }

  @Test func aMeasuredPaceTurnsMinutesIntoEpochs() throws {
    let images = try TestData.tiny()
    let pace = try TrainingPace(measuring: TestData.configuration(images), of: TestData.network(), on: images)
    #expect(pace.imagesPerSecond > 0)
    // An hour more is as many images more as the pace says, but for what is kept in hand.
    let more = pace.epochs(minutes: 120) - pace.epochs(minutes: 60)
    #expect(abs(more * Double(images.count) / (3_600 * pace.imagesPerSecond) - 0.95) < 1e-9)
    #expect(pace.epochs(minutes: 1e-9) > 0)
  }

  @Test func bfloat16OperandsTrainOnFloatWeights() throws {
    let images = try TestData.tiny()
    var configuration = TestData.configuration(images)
    configuration.epochs = 12
    configuration.precision = .bfloat16
    var network = try TestData.network()
    let report = try Trainer(configuration).fit(&network, on: images)
    #expect(try #require(report.epochs.last).loss < report.epochs[0].loss * 0.7)
    // The master weights are finer than what enters the products.
    #expect(network.parameters.values.contains { $0 != $0.roundedToBFloat16() })
  }

  @Test func checkpointsAreBitIdenticalForOneAndTwoThreads() throws {
    let images = try TestData.tiny()
    try TestData.withTemporaryFolder { folder in
      var files: [Data] = []
      for threads in [1, 2] {
        let url = folder.appending(path: "\(threads).train.safetensors")
        try Threads.withCount(threads) {
          var network = try TestData.network()
          var trainer = Trainer(TestData.configuration(images))
          trainer.checkpoint = url
          _ = try trainer.fit(&network, on: images)
        }
        files.append(try Data(contentsOf: url))
      }
      #expect(files[0] == files[1])
    }
  }

  /// Stops in the middle of an epoch, resumes from the file with everything else fresh, and compares the bytes.
  @Test(arguments: [1, 3, 5, 11]) func resumedRunEqualsUninterruptedRun(_ stop: Int) throws {
    let images = try TestData.tiny()
    try TestData.withTemporaryFolder { folder in
      func run(_ name: String, resume: Bool, stopAfter: Int?) throws -> (Network, TrainingReport, Data) {
        let url = folder.appending(path: name + ".train.safetensors")
        var network = try TestData.network()
        var trainer = Trainer(TestData.configuration(images))
        trainer.checkpoint = url
        var steps = 0
        trainer.onStep = { _ in
          steps += 1
          return .continue
        }
        trainer.isCancelled = { steps == stopAfter }
        let report = try trainer.fit(&network, on: images, resume: resume)
        return (network, report, try Data(contentsOf: url))
      }
      let whole = try run("whole", resume: false, stopAfter: nil)
      let first = try run("parts", resume: false, stopAfter: stop)
      #expect(first.1.outcome == .stopped)
      #expect(first.1.steps == stop)
      let second = try run("parts", resume: true, stopAfter: nil)
      #expect(second.1.outcome == .finished)
      #expect(second.0.parameters == whole.0.parameters)
      #expect(second.2 == whole.2)
    }
  }

  @Test func checkpointsOfOtherRunsAreRefused() throws {
    let images = try TestData.tiny()
    try TestData.withTemporaryFolder { folder in
      let url = folder.appending(path: "a.train.safetensors")
      var trainer = Trainer(TestData.configuration(images))
      trainer.checkpoint = url
      var network = try TestData.network()
      _ = try trainer.fit(&network, on: images)

      func resume(_ configuration: TrainingConfiguration, _ network: Network, _ images: LabeledImages) -> NetworkError?
      {
        var other = Trainer(configuration)
        other.checkpoint = url
        var network = network
        do {
          _ = try other.fit(&network, on: images, resume: true)
          return nil
        } catch { return error as? NetworkError }
      }
      var seeded = TestData.configuration(images)
      seeded.seed = 8
      var longer = TestData.configuration(images)
      longer.epochs = 5
      var wider = try TestData.network()
      try wider.insert(Node(name: "extra", op: .gelu, inputs: []), after: "relu")
      let fresh = try TestData.network()
      for error in [
        resume(seeded, fresh, images), resume(longer, fresh, images),
        resume(TestData.configuration(images), wider, images),
        resume(TestData.configuration(images), fresh, try TestData.tiny(count: 41)),
      ] {
        guard case .staleCheckpoint = error else {
          Issue.record("expected a stale checkpoint, got \(String(describing: error))")
          continue
        }
      }
      try Data("garbage".utf8).write(to: url)
      guard case .invalidFile = resume(TestData.configuration(images), fresh, images) else {
        Issue.record("expected an unreadable file")
        return
      }
    }
  }

  @Test func divergenceKeepsTheLastGoodState() throws {
    let images = try TestData.tiny()
    var network = try TestData.network()
    var configuration = TestData.configuration(images)
    configuration.averaging = .none
    var trainer = Trainer(configuration)
    var calls = 0
    trainer.regularizer = { _ in
      calls += 1
      return calls == 8 ? Variable(Tensor(scalar: .nan)) : nil
    }
    var afterTwoEpochs: [String: Tensor] = [:]
    trainer.validation = { network, epoch in
      if epoch == 1 { afterTwoEpochs = network.parameters }
      return nil
    }
    let report = try trainer.fit(&network, on: images)
    #expect(report.outcome == .diverged(step: 8, learningRate: 0.05))
    #expect(report.steps == 7)
    #expect(network.parameters == afterTwoEpochs)
  }

  @Test func regularizerEntersTheLoss() throws {
    let images = try TestData.tiny()
    func norm(_ regularizer: ((ParameterSet) throws -> Variable?)?) throws -> Float {
      var network = try TestData.network()
      var trainer = Trainer(TestData.configuration(images))
      trainer.regularizer = regularizer
      var terms: [Double] = []
      trainer.onStep = {
        terms.append($0.regularization)
        return .continue
      }
      _ = try trainer.fit(&network, on: images)
      #expect(terms.allSatisfy { ($0 > 0) == (regularizer != nil) })
      return try #require(network.parameters["conv.weight"]).norm()
    }
    #expect(try norm { l1Norm($0.all) * 0.02 } < norm(nil))
  }

  @Test func frozenAndExpiredParametersStay() throws {
    let images = try TestData.tiny()
    var network = try TestData.network()
    network.frozenParameters = ["conv.weight"]
    let before = network.parameters
    var configuration = TestData.configuration(images)
    configuration.averaging = .none
    configuration.trainedUntilEpoch = ["linear.bias": 1]
    var trainer = Trainer(configuration)
    var afterFirst: Tensor?
    trainer.validation = { network, epoch in
      if epoch == 0 { afterFirst = network.parameters["linear.bias"] }
      return nil
    }
    _ = try trainer.fit(&network, on: images)
    #expect(network.parameters["conv.weight"] == before["conv.weight"])
    #expect(network.parameters["linear.bias"] != before["linear.bias"])
    #expect(network.parameters["linear.bias"] == afterFirst)
    #expect(network.parameters["linear.weight"] != before["linear.weight"])
  }

  @Test func exponentialAverageReplacesTheWeightsAtTheEnd() throws {
    let images = try TestData.tiny()
    var still = try TestData.network()
    let start = still.parameters
    var configuration = TestData.configuration(images)
    configuration.averaging = .exponential(decay: 1)
    _ = try Trainer(configuration).fit(&still, on: images)
    #expect(still.parameters == start)
  }

  @Test func impossibleSettingsAreErrors() throws {
    let images = try TestData.tiny()
    let good = TestData.configuration(images)
    let edits: [(inout TrainingConfiguration) -> Void] = [
      { $0.epochs = 0 }, { $0.epochs = .nan }, { $0.batchSize = 0 }, { $0.labelSmoothing = 1 }, { $0.groups = [] },
      {
        $0.batchSize = 1000
        $0.dropsLastBatch = true
      },
    ]
    for edit in edits {
      var configuration = good
      edit(&configuration)
      var network = try TestData.network()
      #expect(throws: NetworkError.self) { try Trainer(configuration).fit(&network, on: images) }
    }
    var large = try TestData.network().resized(to: [8, 8, 3])
    #expect(throws: NetworkError.self) { try Trainer(good).fit(&large, on: images) }
    var narrow = try Models.digits(classes: 1, inputShape: [6, 6, 3])
    #expect(throws: NetworkError.self) { try Trainer(good).fit(&narrow, on: images) }
  }

  @Test func steadyStepsAllocateNoTensorStorage() throws {
    var network = try Models.resnetCIFAR(depth: 8).resized(to: [16, 16, 3])
    network.initialize(seed: 1)
    let parameters = try ParameterSet(network)
    let images = Fixture.images([8, 16, 16, 3])
    var optimizer = SGD(momentum: 0.9, nesterov: true, weightDecay: 5e-4)
    func step() throws {
      crossEntropy(
        try network.forward(Variable(images), parameters: parameters, mode: .training()),
        labels: [0, 1, 2, 3, 4, 5, 6, 7]
      ).backward()
      optimizer.step(parameters.all, learningRate: 0.01)
      parameters.clearGradients()
    }
    network.parameters = [:]
    for _ in 0..<3 { try step() }
    #expect(try Self.leastFreshBuffers(step) == 0)
  }

  @Test func steadyInferenceAllocatesNoTensorStorage() throws {
    var network = try Models.resnetCIFAR(depth: 8).resized(to: [16, 16, 3])
    network.initialize(seed: 1)
    let engine = try InferenceEngine(network)
    let images = Fixture.images([8, 16, 16, 3])
    _ = try engine.logits(images)
    #expect(try Self.leastFreshBuffers { _ = try engine.logits(images) } == 0)
  }

  /// Fresh buffers of the pool during `body`: the least of many tries, because other tests draw from the pool meanwhile.
  private static func leastFreshBuffers(_ body: () throws -> Void) rethrows -> Int {
    var least = Int.max
    for _ in 0..<30 where least > 0 {
      let before = BufferPool.statistics.fresh
      try body()
      least = min(least, BufferPool.statistics.fresh - before)
    }
    return least
  }
}
