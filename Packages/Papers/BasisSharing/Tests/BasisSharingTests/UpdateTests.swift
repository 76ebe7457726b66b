import BasisSharing
import LanguageModel
import Testing
import TinyTensor

@Suite struct UpdateTests {
  private let compressor: Compressor
  private let calibrator: Calibrator
  private let compressed: CompressedModel

  init() throws {
    let parts = try Fixtures.compressor()
    (compressor, calibrator) = (parts.compressor, parts.calibrator)
    let plan = try SharingPlan.paper(
      shared: SharingPreset.gqa.shared, groupSize: 2, ratio: 0.4, shapes: compressor.shapes)
    compressed = try compressor.compress(plan)
  }

  private func updated(_ mode: UpdateMode, _ target: UpdateTarget) throws -> CompressedModel {
    var result = compressed
    try CoefficientUpdate(original: compressor.model, calibrator: calibrator, mode: mode, target: target)
      .apply(to: &result)
    return result
  }

  @Test func noneChangesNothing() throws {
    let result = try updated(.none, .layer)
    #expect(zip(result.factors, compressed.factors).allSatisfy { $0.coefficients == $1.coefficients })
  }

  /// Streams that are carried from layer to layer must see what one pass through the whole model sees.
  @Test func allAtOnceIsLeastSquaresOnTheChangedInputs() throws {
    let result = try updated(.allAtOnce, .layer)
    let grams = try calibrator.grams(compressed.model())
    for (index, group) in compressed.plan.groups.enumerated() {
      #expect(result.factors[index].basis == compressed.factors[index].basis)
      for (position, layer) in group.layers.enumerated() {
        let gram = try grams.gram(group.site.input, layers: [layer])
        let expected = try CoefficientRefit.coefficients(
          basis: compressed.factors[index].basis, gram: gram, target: gram * compressor.weight(group.site, layer: layer)
        )
        #expect(Fixtures.difference(result.factors[index].coefficients[position], expected) < 1e-3)
      }
    }
  }

  @Test(arguments: [UpdateMode.allAtOnce, .sequential])
  func severalTargetsAreWhatEachGives(mode: UpdateMode) throws {
    let update = CoefficientUpdate(
      original: compressor.model, calibrator: calibrator, mode: mode, target: .layer)
    for (target, result) in zip(UpdateTarget.allCases, try update.updated(compressed, to: UpdateTarget.allCases)) {
      let alone = try updated(mode, target)
      #expect(zip(result.factors, alone.factors).allSatisfy { $0.coefficients == $1.coefficients }, "\(target)")
    }
  }

  @Test func groupsUsePooledInputs() throws {
    let result = try updated(.allAtOnce, .group)
    let grams = try calibrator.grams(compressed.model())
    let index = try #require(compressed.plan.groups.firstIndex { $0.site == .gate && $0.layers.count == 2 })
    let layers = compressed.plan.groups[index].layers
    let gram = try grams.gram(.feedForward, layers: layers)
    let expected = try CoefficientRefit.coefficients(
      basis: compressed.factors[index].basis, gram: gram, target: gram * compressor.weight(.gate, layer: layers[1]))
    #expect(Fixtures.difference(result.factors[index].coefficients[1], expected) < 1e-3)
  }

  /// Where nothing in front of a matrix was compressed, its inputs have not changed, and all targets agree with the dense model's Grams.
  @Test(arguments: [UpdateTarget.layer, .cross])
  func theFirstMatrixSeesWhatItSaw(target: UpdateTarget) throws {
    let index = try #require(compressed.plan.groups.firstIndex { $0.site == .value && $0.layers == [0] })
    let result = try updated(.sequential, target)
    #expect(
      Fixtures.difference(result.factors[index].coefficients[0], compressed.factors[index].coefficients[0]) < 1e-3)
  }

  /// What a block's first matrices read does not depend on the block, so the updated model still shows what they were refitted to.
  @Test func sequentialUpdatesSeeUpdatedPredecessors() throws {
    let result = try updated(.sequential, .cross)
    let layer = 2
    let index = try #require(compressed.plan.groups.firstIndex { $0.site == .value && $0.layers == [layer] })
    let running = try result.model()
    var (gram, cross) = (DoubleMatrix(zeros: 128, 128), DoubleMatrix(zeros: 128, 128))
    for window in 0..<calibrator.windows {
      let changed = try input(running, layer, window), original = try input(compressor.model, layer, window)
      gram = gram + changed.transposed * changed
      cross = cross + changed.transposed * original
    }
    let expected = try CoefficientRefit.coefficients(
      basis: compressed.factors[index].basis, gram: gram, target: cross * compressor.weight(.value, layer: layer))
    #expect(Fixtures.difference(result.factors[index].coefficients[0], expected) < 1e-3)
    #expect(
      Fixtures.difference(result.factors[index].coefficients[0], compressed.factors[index].coefficients[0]) > 1e-2)
  }

  /// What the attention of a layer reads in a window.
  private func input(_ model: LlamaModel, _ layer: Int, _ window: Int) throws -> DoubleMatrix {
    var result = DoubleMatrix(zeros: 1, 1)
    var cache = model.makeCache()
    let tokens = calibrator.tokens[window * calibrator.window..<(window + 1) * calibrator.window]
    _ = try model.forward(
      Array(tokens), cache: &cache, logits: .none,
      hooks: ForwardHooks(input: { number, site, x in
        if number == layer && site == .attention { result = DoubleMatrix(x) }
      }))
    return result
  }
}

private func + (a: DoubleMatrix, b: DoubleMatrix) -> DoubleMatrix {
  DoubleMatrix(rows: a.rows, columns: a.columns, zip(a.values, b.values).map(+))
}
