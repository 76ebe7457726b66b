import Testing
import TinyTensor
import VisionModels

import ClassAwarePruning

@Suite("Rebuild")
struct RebuildTests {
  @Test("Random graphs, random plans: the rebuilt network equals the silenced one", arguments: 0..<40)
  func property(seed: Int) throws {
    let network = try RandomGraph.make(seed: UInt64(seed))
    let units = try ChannelUnits(network)
    let plan = try Self.randomPlan(network, units, seed: UInt64(seed))
    let rebuilt = try network.pruned(by: plan, units: units)
    #expect(NetworkCounts(rebuilt) == plan.after)
    let images = Fixtures.images(3, network.inputShape)
    let certificate = try ExactnessCertificate(
      original: network, plan: plan, rebuilt: rebuilt, images: images, units: units)
    #expect(certificate.relativeDifference <= 1e-5, "\(network.name): \(certificate.relativeDifference)")
    #expect(certificate.holds)
    // The engine, with everything folded, agrees too.
    let engine = try InferenceEngine(rebuilt).logits(images).scalars
    let plain = try rebuilt.evaluationLogits(images).scalars
    let largest = plain.reduce(1) { max($0, abs($1)) }
    #expect(zip(engine, plain).allSatisfy { abs($0 - $1) <= 1e-4 * largest })
  }

  /// Removes about a third of the units, never all of a layer.
  static func randomPlan(_ network: Network, _ units: ChannelUnits, seed: UInt64) throws -> PruningPlan {
    var generator = Philox(seed: seed, stream: "plan")
    let prunable = units.prunable(scope: .all, pruneFirst: true)
    var remove: [String: [Int]] = [:]
    var left = PruningHistory.widths(of: network)
    for index in prunable where generator.next(below: 3) == 0 {
      let producers = units.unit(index).producers
      var loss: [String: Int] = [:]
      for row in producers { loss[row.layer, default: 0] += 1 }
      guard loss.allSatisfy({ (left[$0.key] ?? 0) - $0.value >= 1 }), let first = producers.first else { continue }
      for (layer, count) in loss { left[layer, default: 0] -= count }
      remove[first.layer, default: []].append(first.channel)
    }
    return try PruningPlan(removing: remove, from: network, units: units)
  }

  @Test("ResNet-20: internal removal is exact, counts and histories agree over two rounds")
  func resnet() throws {
    var network = try Models.resnetCIFAR(depth: 20)
    Fixtures.randomize(&network, seed: 3)
    let units = try ChannelUnits(network)
    let plan = try PruningPlan(
      removing: ["layer1.0.conv1": [0, 5, 15], "layer3.2.conv1": Array(10..<40)], from: network, units: units)
    let once = try network.pruned(by: plan)
    let images = Fixtures.images(2, network.inputShape)
    let certificate = try ExactnessCertificate(original: network, plan: plan, rebuilt: once, images: images)
    #expect(certificate.relativeDifference <= 1e-5)
    let second = try PruningPlan(removing: ["layer1.0.conv1": [0, 1]], from: once, units: ChannelUnits(once))
    let twice = try once.pruned(by: second)
    let history = PruningHistory(of: twice)
    #expect(history.originalWidths["layer1.0.conv1"] == 16)
    #expect(history.kept["layer1.0.conv1"] == [3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    #expect(history.kept["layer3.2.conv1"] == Array(0..<10) + Array(40..<64))
  }

  @Test("Pruning the streams of an option-A ResNet keeps the shortcut consistent")
  func optionAStreams() throws {
    var network = try Models.resnetCIFAR(depth: 8)
    Fixtures.randomize(&network, seed: 5)
    let units = try ChannelUnits(network)
    // Channels 0 and 1 of the last stream are padding above; channel 24 is channel 0 of the first stream.
    let plan = try PruningPlan(removing: ["layer3.0.conv2": [0, 1, 24, 63]], from: network, units: units)
    let rebuilt = try network.pruned(by: plan)
    #expect(PruningHistory.widths(of: rebuilt)["conv1"] == 15)
    let certificate = try ExactnessCertificate(
      original: network, plan: plan, rebuilt: rebuilt, images: Fixtures.images(2, network.inputShape))
    #expect(certificate.relativeDifference <= 1e-5)
    #expect(certificate.holds)
  }

  @Test("Folded constants: exact without padding, bounded with padding")
  func foldedConstants() throws {
    for padding in [0, 1] {
      var builder = NetworkBuilder()
      let stem = builder.convolution("stem", builder.input, from: 3, to: 6, kernel: 3)
      let grown = builder.convolution("grow", stem, from: 6, to: 5, kernel: 1)
      var x = builder.add("concat", .concat, stem, grown)
      x = builder.batchNorm("bn", x, channels: 11)
      x = builder.add("relu", .relu, x)
      x = builder.add("next", .conv2d(Conv2d(inputChannels: 11, outputChannels: 7, kernel: 3, padding: padding)), x)
      x = builder.batchNorm("bn2", x, channels: 7)
      x = builder.add("relu2", .relu, x)
      x = builder.add("pool", .globalAveragePool, x)
      _ = builder.add("linear", .linear(Linear(inputFeatures: 7, outputFeatures: 4)), x)
      var network = try builder.build(name: "preactivation", inputShape: [9, 9, 3])
      Fixtures.randomize(&network, seed: 8)
      let units = try ChannelUnits(network)
      let plan = try PruningPlan(removing: ["grow": [1, 3]], from: network, units: units)
      let images = Fixtures.images(2, network.inputShape)
      let rebuilt = try network.pruned(by: plan, foldConstants: true)
      let folded = try ExactnessCertificate(
        original: network, plan: plan, rebuilt: rebuilt, images: images, foldConstants: true)
      #expect(folded.mask == .producersOnly)
      if padding == 0 {
        #expect(folded.relativeDifference <= 1e-5)
        #expect(folded.borderBound == 0)
      } else {
        #expect(folded.borderBound > 0)
        #expect(folded.maximumDifference > 0)
      }
      // Without folding the constants are lost: the difference to the same reference is larger.
      let plain = try network.pruned(by: plan)
      let reference = try network.masked(by: plan, style: .producersOnly).evaluationLogits(images).scalars
      let lost = zip(reference, try plain.evaluationLogits(images).scalars).map { abs($0 - $1) }.max() ?? 0
      #expect(lost > folded.maximumDifference)
    }
  }

  @Test("Plans that do not fit are refused")
  func refusals() throws {
    var network = try Models.resnetCIFAR(depth: 8, shortcut: .projection)
    Fixtures.randomize(&network, seed: 1)
    let units = try ChannelUnits(network)
    #expect(throws: PruneError.self) { try PruningPlan(removing: ["nowhere": [0]], from: network, units: units) }
    #expect(throws: PruneError.self) {
      try PruningPlan(removing: ["layer1.0.conv1": [16]], from: network, units: units)
    }
    #expect(throws: PruneError.self) { try PruningPlan(removing: ["linear": [1]], from: network, units: units) }
    #expect(throws: PruneError.belowFloor(layer: "layer1.0.conv1", kept: 0, floor: 1)) {
      try PruningPlan(removing: ["layer1.0.conv1": Array(0..<16)], from: network, units: units)
    }
    let plan = try PruningPlan(removing: ["layer1.0.conv1": [1]], from: network, units: units)
    var other = network
    other.parameters["conv1.weight"]?[0, 0, 0, 0] += 1
    let stale = #expect(throws: PruneError.self) { try other.pruned(by: plan) }
    #expect(stale?.description.contains("resnet8b") == true)
  }
}
