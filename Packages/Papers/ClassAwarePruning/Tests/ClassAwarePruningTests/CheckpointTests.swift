import ClassAwarePruning
import Foundation
import Testing
import TinyNN
import TinyTensor
import VisionModels

@Suite("Pruned checkpoints and classes")
struct CheckpointTests {
  static func pruned() throws -> Network {
    var network = try Models.digits(classes: 4, width: 6)
    network.initialize(seed: 1)
    let units = try ChannelUnits(network)
    let plan = try PruningPlan(removing: ["conv2": [0, 3], "conv4": [1, 2, 11]], from: network, units: units)
    return try network.pruned(by: plan)
  }

  static func temporary() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("pruned-\(UUID().uuidString).safetensors")
  }

  @Test("A file rebuilds its own graph and proves itself")
  func roundTrip() throws {
    let url = Self.temporary()
    defer { try? FileManager.default.removeItem(at: url) }
    let network = try Self.pruned()
    let data = try Fixtures.bars(perClass: 4)
    try PrunedCheckpoint.write(network, proof: data, normalization: data.normalization, to: url)
    let (loaded, proof) = try PrunedCheckpoint.load(url)
    #expect(loaded.fingerprint == network.fingerprint)
    #expect(loaded.nodes == network.nodes)
    #expect(proof?.images == 16 && proof?.isIdentical == true && proof?.maximumDifference == 0)
    #expect(PruningHistory(of: loaded).kept["conv2"] == [1, 2, 4, 5])
    #expect(loaded.normalization == data.normalization)
    // Pruning goes on from the file, with the original widths in mind.
    let plan = try RemovalRule(strategy: .percentage(1), minKeep: 0.5).plan(
      loaded, scores: try WeightNorm(.l1).scores(loaded, context: ScoringContext()), units: ChannelUnits(loaded),
      limits: PlanLimits(originalWidths: PruningHistory(of: loaded).originalWidths))
    #expect(plan.widths["conv2"] == [4, 3])
    // Tensors keep PyTorch's names and nothing is added to them.
    let file = try SafeTensors(mapping: url)
    #expect(Set(file.names) == Set(network.parameters.keys))
  }

  @Test("A changed weight or proof is found")
  func tampering() throws {
    let url = Self.temporary()
    defer { try? FileManager.default.removeItem(at: url) }
    let data = try Fixtures.bars(perClass: 2)
    try PrunedCheckpoint.write(Self.pruned(), proof: data, normalization: data.normalization, to: url)
    let intact = try Network(loading: url)
    var changed = intact
    changed.parameters["linear.weight"]?[0, 0] += 1
    try changed.save(to: url)
    #expect(throws: PruneError.self) { try PrunedCheckpoint.load(url) }
    for key in ["proof_logits", "proof_shape", "proof_sha256"] {
      var broken = intact
      broken.metadata[key] = "x"
      try broken.save(to: url)
      #expect(throws: PruneError.self, "\(key)") { try PrunedCheckpoint.load(url) }
    }
    var plain = intact
    plain.metadata = [:]
    try plain.save(to: url)
    #expect(try PrunedCheckpoint.load(url).proof == nil)
  }

  @Test("Files that are no checkpoints are errors")
  func garbage() throws {
    let url = Self.temporary()
    defer { try? FileManager.default.removeItem(at: url) }
    #expect(throws: PruneError.self) { try PrunedCheckpoint.load(url) }
    for bytes in [Data(), Data([1, 2, 3]), Data(repeating: 0xff, count: 64)] {
      try bytes.write(to: url)
      #expect(throws: PruneError.self) { try PrunedCheckpoint.load(url) }
    }
  }

  @Test("Dropping classes keeps the other logits exactly")
  func dropping() throws {
    let network = try Self.pruned()
    let smaller = try network.keepingClasses([0, 2], names: ["a", "b", "c", "d"])
    #expect(smaller.classes == 2 && smaller.metadata["classes"] == "a,c")
    let images = Fixtures.images(3, network.inputShape)
    let before = try network.evaluationLogits(images)
    let after = try smaller.evaluationLogits(images)
    for row in 0..<3 {
      #expect(after[row, 0] == before[row, 0] && after[row, 1] == before[row, 2])
    }
    for bad in [[0], [0, 0], [2, 0], [0, 4]] {
      #expect(throws: PruneError.self) { try network.keepingClasses(bad) }
    }
    let data = try Fixtures.bars(perClass: 3)
    let kept = try data.keepingClasses([1, 3])
    #expect(kept.count == 6 && kept.classes == ["bar1", "bar3"] && Set(kept.labels) == [0, 1])
    #expect(throws: PruneError.self) { try data.keepingClasses([9]) }
  }

  @Test("Every error is one line that says how to mend it")
  func descriptions() {
    let errors: [PruneError] = [
      .unsupportedNode("n", kind: "k"), .disconnectedNode("n"), .unknownLayer("l", known: ["a", "b"]),
      .nothingPrunable("d"), .shapeMismatch("d"), .notEnoughImages(class: "c", have: 0, need: 1), .badLabels("d"),
      .badWeights(tensor: "t", index: 1), .notFinite(layer: "l", what: "w"), .staleState("d"),
      .openUnit(layer: "l", channel: 1, tiedLayer: "m", tiedChannel: 2), .belowFloor(layer: "l", kept: 1, floor: 2),
      .invalidOption("o", value: "v", expected: "e"), .proofFailed(path: "p", detail: "d"),
      .invalidFile(path: "p", detail: "is damaged; write it again"),
    ]
    for error in errors {
      #expect(!error.description.contains("\n") && error.description.count > 10)
    }
    #expect(Set(errors.map(\.description)).count == errors.count)
  }
}
