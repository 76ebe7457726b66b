import BasisSharing
import Foundation
import LanguageModel
import Testing
import TinyTensor

@Suite struct CompressedModelTests {
  private let folder: TemporaryFolder
  private let source: ModelFile
  private let compressor: Compressor
  private let tokens: [Int32]

  init() throws {
    folder = try TemporaryFolder()
    let (file, compressor, calibrator) = try Fixtures.compressor()
    source = file
    self.compressor = compressor
    tokens = Array(calibrator.tokens.suffix(40))
  }

  private func compressed(_ ratio: Double = 0.3, refit: RefitMode = .none) throws -> CompressedModel {
    let plan = try SharingPlan.paper(
      shared: SharingPreset.llama.shared, groupSize: 2, ratio: ratio, shapes: compressor.shapes)
    return try compressor.compress(plan, refit: refit)
  }

  private func logits(_ model: LlamaModel) throws -> Tensor {
    var cache = model.makeCache()
    return try model.forward(tokens, cache: &cache, logits: .all)
  }

  @Test func factoredForwardEqualsTheDenseForwardOfTheProduct() throws {
    let compressed = try compressed()
    var dense: [LinearAddress: any LinearOperator] = [:]
    for (group, factors) in zip(compressed.plan.groups, compressed.factors) {
      for (position, layer) in group.layers.enumerated() {
        dense[LinearAddress(layer: layer, site: group.site)] = DenseLinear(
          factors.product(position).transposed, identifier: "product \(layer) \(group.site)")
      }
    }
    let expected = try logits(compressor.model.replacing(dense))
    #expect(Fixtures.difference(try logits(compressed.model()), expected) < 1e-5)
  }

  @Test func sharedBasesAreHeldOnce() throws {
    let compressed = try compressed()
    let shared = try compressed.model()
    let query = compressed.plan.groups.first { $0.site == .query && $0.layers == [0, 1] }
    let first = try #require(shared.linear(LinearAddress(layer: 0, site: .query)) as? FactoredLinear)
    let second = try #require(shared.linear(LinearAddress(layer: 1, site: .query)) as? FactoredLinear)
    #expect(query?.rank == first.rank && first.basis.identifier == second.basis.identifier)
    var separate: [LinearAddress: any LinearOperator] = [:]
    var saved = 0
    for (group, factors) in zip(compressed.plan.groups, compressed.factors) {
      for (position, layer) in group.layers.enumerated() {
        let own = FactoredLinear(
          basis: factors.basis, coefficients: factors.coefficients[position], identifier: "\(group.site)\(layer)")
        separate[LinearAddress(layer: layer, site: group.site)] = own
        saved += position > 0 ? own.basis.byteCount : 0
      }
    }
    #expect(saved > 0)
    #expect(try shared.weightBytes == compressor.model.replacing(separate).weightBytes - saved)
  }

  @Test(arguments: [TensorType.f32, .f16, .q8_0, .q4_0])
  func filesLoadTheFactorsTheyWereWrittenWith(precision: TensorType) throws {
    let compressed = try compressed(refit: .own)
    let url = folder.file("m.gguf")
    try compressed.write(to: url, source: source, precision: precision)
    let file = try ModelFile(contentsOf: url)
    #expect(file.isFactored && !source.isFactored)
    let reopened = try CompressedModel(file)
    #expect(reopened.plan == compressed.plan)
    if precision == .f32 {
      for (a, b) in zip(reopened.factors, compressed.factors) {
        #expect(a.basis == b.basis && a.coefficients == b.coefficients)
      }
    }
    // The runtime computes what the factors of the file say, and another writing gives the same bytes.
    let ran = try logits(LlamaModel(file, options: .exact))
    #expect(Fixtures.difference(ran, try logits(reopened.model())) < 1e-5)
    try reopened.write(to: folder.file("again.gguf"), source: source, precision: precision)
    #expect(try Data(contentsOf: folder.file("again.gguf")) == Data(contentsOf: url))
    // A compressed file is also a source: its own factors are replaced, not doubled.
    try reopened.write(to: folder.file("third.gguf"), source: file, precision: precision)
    #expect(try ModelFile(contentsOf: folder.file("third.gguf")).tensors.count == file.tensors.count)
  }

  @Test func compressedFilesAreChattedWith() async throws {
    let url = folder.file("m.gguf")
    try compressed(0.1, refit: .own).write(to: url, source: source, precision: .q8_0)
    let chat = try LocalChatModel(contentsOf: url)
    let reply = try await chat.reply(to: ChatRequest([.user("What does a cache do?")], maximumTokens: 12))
    #expect(!reply.text.isEmpty)
  }

  @Test func plansThatLieAboutTheFileAreRefused() throws {
    let url = folder.file("m.gguf")
    try compressed().write(to: url, source: source, precision: .f32)
    var bytes = try Data(contentsOf: url)
    let text = Data("\"site\":\"query\",\"layers\":[0,1]".utf8)
    let range = try #require(bytes.range(of: text))
    bytes.replaceSubrange(range, with: Data("\"site\":\"query\",\"layers\":[0,2]".utf8))
    try bytes.write(to: url)
    #expect(throws: BasisSharingError.self) { try CompressedModel(ModelFile(contentsOf: url)) }
    #expect(throws: BasisSharingError.self) { try CompressedModel(source) }
  }

  @Test func truncatedFilesEndInErrors() throws {
    let url = folder.file("m.gguf")
    try compressed().write(to: url, source: source, precision: .q8_0)
    let bytes = try Data(contentsOf: url)
    for part in 1..<12 {
      try bytes.prefix(bytes.count * part / 12).write(to: folder.file("cut.gguf"))
      #expect(throws: ModelFileError.self) { try ModelFile(contentsOf: folder.file("cut.gguf")) }
    }
  }

  @Test func factorsTravelAsSafetensors() throws {
    let compressed = try compressed()
    let url = folder.file("factors.safetensors")
    try compressed.writeFactors(to: url)
    let loaded = try CompressedModel(factors: url, base: compressor.model)
    #expect(loaded.plan == compressed.plan)
    #expect(try logits(loaded.model()) == logits(compressed.model()))
    let other = try LlamaModel(
      config: LlamaConfig(
        layers: 1, width: 32, heads: 2, kvHeads: 1, headSize: 16, feedForward: 32, vocabulary: 8, context: 8),
      fingerprint: "other"
    ) { tensor in
      let shape = tensor.shape(
        in: LlamaConfig(
          layers: 1, width: 32, heads: 2, kvHeads: 1, headSize: 16, feedForward: 32, vocabulary: 8, context: 8))
      return try QuantizedMatrix(quantizing: Tensor(zeros: [shape.rows, shape.columns]), as: .f32)
    }
    #expect(throws: BasisSharingError.self) { try CompressedModel(factors: url, base: other) }
  }

  @Test func cutBasesAreTheSmallerFactors() throws {
    let plan = try SharingPlan.paper(
      shared: SharingPreset.gqa.shared, groupSize: 2, ratio: 0.2, shapes: compressor.shapes)
    let elastic = try compressor.compress(plan).truncated(keeping: 0.5)
    let direct = try compressor.compress(elastic.plan)
    for (a, b) in zip(elastic.factors, direct.factors) {
      #expect(a.basis == b.basis && a.coefficients == b.coefficients)
    }
    #expect(throws: BasisSharingError.invalidRatio(0)) { try elastic.truncated(keeping: 0) }
    #expect(throws: BasisSharingError.invalidRatio(1.5)) { try elastic.truncated(keeping: 1.5) }
  }

  @Test func baselinesChangeWhatTheySay() throws {
    let shapes = compressor.shapes
    let plan = try SharingPlan.paper(shared: [], groupSize: 1, ratio: 0.5, shapes: shapes)
    // Plain SVD is the optimum of ‖W − BC‖, the whitened one of ‖X(W − BC)‖: each wins by its own measure.
    let plain = try Compressor(model: compressor.model, grams: compressor.grams, metric: .plain).compress(plan)
    let whitened = try compressor.compress(plan)
    let scaled = try Compressor(
      model: compressor.model, grams: compressor.grams, metric: .diagonal(alpha: 0.5)
    ).compress(plan)
    let index = try #require(plan.groups.firstIndex { $0.site == .gate })
    let layer = plan.groups[index].layers[0]
    let weight = compressor.weight(.gate, layer: layer)
    let gram = try compressor.grams.gram(.feedForward, layers: [layer])
    func losses(_ model: CompressedModel) -> (weights: Double, outputs: Double) {
      let factors = model.factors[index]
      let error = Fixtures.joined([weight])
      let product = DoubleMatrix(factors.product(0))
      return (
        zip(error.values, product.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) },
        OwnInputLoss.value(weight: weight, basis: factors.basis, coefficients: factors.coefficients[0], gram: gram)
      )
    }
    #expect(losses(plain).weights < losses(whitened).weights)
    #expect(losses(whitened).outputs < losses(scaled).outputs)
    #expect(losses(scaled).outputs < losses(plain).outputs)
    let (quantized, bytes) = try QuantizedDense.model(compressor.model, as: .q8_0)
    #expect(bytes == shapes.blockParameters / 32 * 34)
    #expect(Fixtures.difference(try logits(quantized), try logits(compressor.model)) < 0.2)
  }

  @Test func criteriaFollowTheirDefinitions() throws {
    let criterion = SharingCriterion(compressor)
    let shapes = compressor.shapes
    let judged = try criterion.judge(.value, [[0, 1], [2, 3]], ratios: [0.3, 0.5])
    #expect(judged.map { $0.map(\.layers) } == [[[0, 1], [0, 1]], [[2, 3], [2, 3]]])
    let verdict = judged[0][0]
    // The fit of one ratio is cut from that of another.
    let alone = try SharingCriterion(compressor).judge(.value, [[2, 3]], ratios: [0.5])[0][0]
    #expect(abs(judged[1][1].refittedLoss - alone.refittedLoss) < 1e-6 * alone.refittedLoss)
    #expect(abs(judged[1][1].pairLoss - alone.pairLoss) < 1e-6 * alone.pairLoss)
    let rank = shapes.rank(.value, groupSize: 2, ratio: 0.3)
    let (factors, spectrum) = try compressor.decompose(SharingGroup(site: .value, layers: [0, 1], rank: rank))
    var own = 0.0
    for layer in 0..<2 {
      own += OwnInputLoss.value(
        weight: compressor.weight(.value, layer: layer), basis: factors.basis,
        coefficients: factors.coefficients[layer], gram: try compressor.grams.gram(.attention, layers: [layer]))
    }
    #expect(abs(verdict.pairLoss - own) < 1e-5 * own)
    #expect(verdict.refittedLoss <= verdict.pairLoss)
    #expect(abs(verdict.pairNorm - spectrum.tailLoss(rank: rank).squareRoot()) < 1e-6 * verdict.pairNorm)
    let map = try criterion.heatMap(.value, ratio: 0.3)
    #expect(map.count == shapes.layers && abs(map[0][1] - verdict.pairNorm / verdict.singleNorm) < 1e-6)
    #expect(map[2][1] == map[1][2] && map[3][3] == 1)
    #expect(SharingCriterion.sharedTypes([verdict]) == (verdict.gainsByRefit ? [.value] : []))
  }
}
