import Foundation
import Testing
import TinyNN
import TinyTensor
import VisionModels

@Suite struct ForwardTests {
  static func small(_ name: String) throws -> Network {
    switch name {
    case "everything": try Fixture.everything()
    case "resnet-a": Fixture.randomized(try Models.resnetCIFAR(depth: 8).resized(to: [10, 10, 3]))
    case "resnet-b": Fixture.randomized(try Models.resnetCIFAR(depth: 8, shortcut: .projection).resized(to: [9, 9, 3]))
    case "vgg": Fixture.randomized(try Models.vggBN(.vgg16, head: .hidden, width: 0.05))
    case "densenet":
      Fixture.randomized(
        try Models.densenet(depth: 22, growth: 4, bottleneck: true, compression: 0.5).resized(to: [8, 8, 3]))
    case "nasbench":
      Fixture.randomized(
        try Models.nasBench201(
          "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|", channels: 4,
          cells: 1
        ).resized(to: [8, 8, 3]))
    default: Fixture.randomized(try Models.airbench(.airbench93))
    }
  }

  @Test(arguments: ["everything", "resnet-a", "resnet-b", "vgg", "densenet", "nasbench", "airbench"])
  func evaluationMatchesTheDoubleReference(_ name: String) throws {
    let network = try Self.small(name)
    let images = Fixture.images([2] + network.inputShape)
    let parameters = try ParameterSet(network)
    var seen: [String: Tensor] = [:]
    let logits = try network.forward(Variable(images), parameters: parameters) { seen[$0] = $1.value }
    let reference = ReferenceNetwork(network).run(images)
    for node in network.nodes {
      let output = try #require(seen[node.name])
      let expected = try #require(reference[node.name])
      #expect(output.shape == expected.shape, "\(node.name)")
      #expect(relativeDifference(output, expected) < 2e-5, "\(node.name)")
    }
    #expect(logits.shape == [2, network.classes])
  }

  @Test(arguments: ["everything", "resnet-a", "nasbench"])
  func inferenceEngineMatchesTheForwardPass(_ name: String) throws {
    let network = try Self.small(name)
    let engine = try InferenceEngine(network)
    for batch in [1, 3, 5] {
      let images = Fixture.images([batch] + network.inputShape, seed: UInt64(batch))
      let logits = try engine.logits(images)
      #expect(relativeDifference(logits, ReferenceNetwork(network).output(images)) < 5e-5, "batch \(batch)")
    }
  }

  /// Directional derivative of the loss in training mode, against central differences of the Double reference.
  @Test(arguments: ["resnet-a", "resnet-b", "densenet", "nasbench"])
  func trainingGradientMatchesFiniteDifferences(_ name: String) throws {
    let network = try Self.small(name)
    let images = Fixture.images([4] + network.inputShape)
    let labels = [0, 3, 9, 3]
    let parameters = try ParameterSet(network)
    let loss = crossEntropy(
      try network.forward(Variable(images), parameters: parameters, mode: .training()), labels: labels)
    loss.backward()
    var reference = ReferenceNetwork(network)
    reference.training = true
    #expect(abs(Double(loss.value.item) - Self.loss(reference.output(images), labels)) < 1e-4)
    for direction in 0..<3 {
      var slope = 0.0
      var (plus, minus) = (reference, reference)
      let h = 1e-6
      for entry in parameters.trainable {
        var generator = Philox(seed: UInt64(direction), stream: entry.name)
        let step = Tensor.normal(entry.variable.shape, using: &generator).scalars.map(Double.init)
        let gradient = try #require(entry.variable.gradient).scalars
        for index in step.indices {
          slope += Double(gradient[index]) * step[index]
          plus.parameters[entry.name]?[index] += h * step[index]
          minus.parameters[entry.name]?[index] -= h * step[index]
        }
      }
      let numeric =
        (Self.loss(plus.output(images), labels) - Self.loss(minus.output(images), labels)) / (2 * h)
      #expect(abs(slope - numeric) < 0.01 * abs(numeric) + 1e-3, "direction \(direction): \(slope), \(numeric)")
    }
  }

  private static func loss(_ logits: ReferenceNetwork.Map, _ labels: [Int]) -> Double {
    let classes = logits.shape[1]
    return labels.enumerated().reduce(0) { total, entry in
      let row = logits.values[entry.offset * classes..<(entry.offset + 1) * classes]
      let largest = row.max() ?? 0
      let normalizer = largest + Foundation.log(row.reduce(0) { $0 + Foundation.exp($1 - largest) })
      return total + (normalizer - row[row.startIndex + entry.element]) / Double(labels.count)
    }
  }

  @Test func activationGradientsAreRetained() throws {
    let network = try Self.small("resnet-a")
    let parameters = try ParameterSet(network)
    var maps: [String: Variable] = [:]
    let logits = try network.forward(Variable(Fixture.images([2, 10, 10, 3])), parameters: parameters) { node, output in
      if output.requiresGradient { output.retainGradient() }
      maps[node] = output
    }
    crossEntropy(logits, labels: [1, 2]).backward()
    for node in network.nodes {
      guard case .conv2d = node.op else { continue }
      #expect(maps[node.name]?.gradient?.shape == maps[node.name]?.shape, "\(node.name)")
    }
  }

  @Test func trainingUpdatesRunningStatisticsLikePyTorch() throws {
    let network = try NetworkGraphTests.tiny()
    let parameters = try ParameterSet(network)
    let images = Fixture.images([3, 6, 6, 3])
    var seeded = network
    seeded.initialize(seed: 1)
    let set = try ParameterSet(seeded)
    var convolution: Tensor?
    _ = try seeded.forward(Variable(images), parameters: set, mode: .training()) { node, output in
      if node == "conv" { convolution = output.value }
    }
    var trained = seeded
    set.write(to: &trained)
    let statistics = batchNormStatistics(try #require(convolution))
    let n = Float(3 * 36)
    for channel in 0..<4 {
      let mean = try #require(trained.parameters["bn.running_mean"])[channel]
      let variance = try #require(trained.parameters["bn.running_var"])[channel]
      #expect(abs(mean - 0.1 * statistics.mean[channel]) < 1e-6)
      #expect(abs(variance - (0.9 + 0.1 * statistics.variance[channel] * n / (n - 1))) < 1e-6)
    }
    _ = parameters
  }

  @Test func impossibleBatchesAreErrors() throws {
    let network = try NetworkGraphTests.tiny()
    let parameters = try ParameterSet(network)
    let engine = try InferenceEngine(network)
    for shape in [[2, 5, 6, 3], [2, 6, 6], [0, 6, 6, 3], [2, 6, 6, 1]] {
      let images = Tensor(zeros: shape)
      #expect(throws: NetworkError.invalidBatch(expected: [6, 6, 3], got: shape)) {
        try network.forward(Variable(images), parameters: parameters)
      }
      #expect(throws: NetworkError.invalidBatch(expected: [6, 6, 3], got: shape)) { try engine.logits(images) }
    }
  }

  @Test func batchNormOverOneValueIsAnError() throws {
    var builder = NetworkBuilder()
    let x = builder.add("gap", .globalAveragePool, builder.input)
    builder.add("bn", .batchNorm(BatchNorm(channels: 3)), x)
    let network = try builder.build(name: "one", inputShape: [2, 2, 3])
    let parameters = try ParameterSet(network)
    #expect(throws: NetworkError.self) {
      try network.forward(Variable(Fixture.images([1, 2, 2, 3])), parameters: parameters, mode: .training())
    }
  }

  @Test func frozenParametersHaveNoGradient() throws {
    let network = try Models.airbench(.airbench93)
    let parameters = try ParameterSet(network)
    #expect(parameters["0.weight"]?.requiresGradient == false)
    #expect(parameters["2.norm1.weight"]?.requiresGradient == false)
    #expect(parameters["2.norm1.bias"]?.requiresGradient == true)
    #expect(parameters.trainable.contains { $0.name == "0.bias" })
  }

  @Test func gradientsAreBitIdenticalForAnyThreadCount() throws {
    let network = try Self.small("resnet-a")
    let images = Fixture.images([12, 10, 10, 3])
    var results: [[Tensor]] = []
    for threads in [1, 2, 3] {
      try Threads.withCount(threads) {
        let parameters = try ParameterSet(network)
        crossEntropy(
          try network.forward(Variable(images), parameters: parameters, mode: .training()),
          labels: (0..<12).map { $0 % 10 }
        ).backward()
        results.append(parameters.all.compactMap(\.gradient) + parameters.statistics.map(\.value))
      }
    }
    #expect(results[0].count == network.parameters.count)
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  /// Observed passes compute every node by itself; others fuse batch norm, residual sum and ReLU.
  @Test(arguments: ["resnet-a", "resnet-b", "densenet", "everything"], [ForwardMode.evaluation, .training()])
  func fusingChangesNothing(_ name: String, _ mode: ForwardMode) throws {
    let network = try Self.small(name)
    let images = Fixture.images([4] + network.inputShape)
    func results(observed: Bool) throws -> [Tensor] {
      let parameters = try ParameterSet(network)
      let logits = try network.forward(
        Variable(images), parameters: parameters, mode: mode, observe: observed ? { _, _ in } : nil)
      crossEntropy(logits, labels: [1, 2, 3, 4]).backward()
      return [logits.value] + parameters.all.compactMap(\.gradient) + parameters.statistics.map(\.value)
    }
    let (observed, fused) = (try results(observed: true), try results(observed: false))
    #expect(observed.count == fused.count)
    for (a, b) in zip(observed, fused) {
      let scale = max(b.map { abs($0) }.max(), 1e-3)
      #expect((a - b).map { abs($0) }.max() <= 2e-5 * scale)
    }
  }
}
