import BasisN
import Testing
import TinyTensor
import VisionModels

@Suite struct CodingTests {
  @Test func quantizerRoundsToItsSet() {
    let uniform = CoefficientQuantizer(set: .uniform, bits: 4)
    #expect([-9, -2.5, -0.4, 0.5, 3.49, 100].map { uniform.round($0) } == [-7, -3, 0, 1, 3, 7])
    let powers = CoefficientQuantizer(set: .powerOfTwo, bits: 4)
    #expect([0.4, 0.6, 1.4, 1.6, 2.9, 3.1, 9, -3.1].map { powers.round($0) } == [0, 1, 1, 2, 2, 4, 4, -4])
    #expect(CoefficientQuantizer(set: .ternary, bits: 2).round(-5) == -1)
  }

  @Test func stepIsTheBestOfItsCandidates() {
    var generator = Philox(seed: 1, stream: "step")
    let quantizer = CoefficientQuantizer(set: .uniform, bits: 3)
    let values = (0..<20).map { _ in generator.normal() }
    func error(_ step: Float) -> Double {
      values.reduce(0) { $0 + Double($1 - step * Float(quantizer.round($1 / step))).magnitude.squared }
    }
    let chosen = error(quantizer.step(for: values))
    let largest = values.map(abs).max() ?? 0
    for candidate in 0...12 {
      #expect(chosen <= error(largest * (0.4 + 0.05 * Float(candidate)) / 3) + 1e-9)
    }
    #expect(quantizer.step(for: [Float]()) == 1)
    #expect(quantizer.step(for: [0, 0]) == 1)
  }

  /// The pursuit against a plain implementation that solves least squares on the vectors themselves, in Double.
  @Test(arguments: [0.0, 2.0]) func pursuitEqualsItsReference(contest: Double) throws {
    let configuration = Fixtures.configuration()
    let bank = try SliceBank(Fixtures.network(), configuration: configuration)
    var generator = Philox(seed: 4, stream: "atoms")
    let basis = Tensor.normal([10, bank.rows], using: &generator)
    let codes = SparseCoder(sparsity: 4, contest: contest).codes(bank, basis: basis)
    let reference = SlowPursuit(basis: basis, sparsity: 4, contest: contest).codes(bank)
    for slice in 0..<bank.count {
      let terms = codes.terms(of: slice).sorted { $0.atom < $1.atom }
      let wanted = reference[slice].sorted { $0.atom < $1.atom }
      #expect(terms.map(\.atom) == wanted.map(\.atom))
      for (term, want) in zip(terms, wanted) { #expect(abs(Double(term.value) - want.value) < 1e-3) }
    }
  }

  @Test func dependentAndZeroAtomsAreHarmless() throws {
    let bank = try SliceBank(Fixtures.network(), configuration: Fixtures.configuration())
    var generator = Philox(seed: 4, stream: "atoms")
    let one = Tensor.normal([1, bank.rows], using: &generator)
    let basis = Tensor.concatenatedFirst([one, one, Tensor(zeros: [1, bank.rows]), one * 2])
    let codes = SparseCoder(sparsity: 4).codes(bank, basis: basis)
    #expect(codes.used.allSatisfy { $0 <= 1 })
    #expect(codes.values.allSatisfy { $0.isFinite })
  }

  @Test func zeroKernelsNeedNothing() throws {
    var network = try Fixtures.network()
    let name = try #require(NetworkShape(network).layers.first?.name) + ".weight"
    let weight = try #require(network.parameters[name])
    network.parameters[name] = Tensor(zeros: weight.shape)
    let model = try Fixtures.model(network)
    #expect(model.layers[0].atoms.isEmpty)
    #expect(try Fixtures.logits(model.integerNetwork(), Fixtures.images(network)).isFinite)
  }

  @Test func learningLowersTheError() throws {
    let configuration = Fixtures.configuration()
    let bank = try SliceBank(Fixtures.network(), configuration: configuration)
    let outcome = try BasisLearner(configuration).learn(from: bank)
    #expect(outcome.errors.count == configuration.rounds + 1)
    #expect(try #require(outcome.errors.last) < 0.9 * outcome.errors[0])
    #expect(outcome.randomVectors == 0)
    let few = EncodingConfiguration(basis: 500, rows: 32, nonzeros: 4, rounds: 1)
    #expect(try BasisLearner(few).learn(from: bank).randomVectors == 500 - bank.count)
  }

  /// Slices that are combinations of few orthogonal vectors are found again.
  @Test func representableSlicesAreRecovered() throws {
    let configuration = EncodingConfiguration(basis: 24, rows: 36, nonzeros: 3)
    let bank = try SliceBank(Fixtures.network(), configuration: configuration)
    var generator = Philox(seed: 9, stream: "recover")
    let basis = try LinearAlgebra.qr(Tensor.normal([36, 24], using: &generator)).q.transposed
    let coefficients = Self.sparse(bank.count, 24)
    let exact = SliceBank(layers: bank.layers, vectors: matmul(coefficients, basis))
    let dense = SparseCoder(sparsity: 3).codes(exact, basis: basis).dense
    let full = exact.lengths.indices.filter { exact.lengths[$0] == 36 }
    #expect(!full.isEmpty)
    for row in full {
      for atom in 0..<24 { #expect(abs(dense[row, atom] - coefficients[row, atom]) < 1e-4) }
    }
  }

  private static func sparse(_ rows: Int, _ atoms: Int) -> Tensor {
    var generator = Philox(seed: 8, stream: "sparse")
    var result = Tensor(zeros: [rows, atoms])
    for row in 0..<rows { for _ in 0..<3 { result[row, generator.next(below: atoms)] = generator.normal() } }
    return result
  }

  @Test func contestAwareCodingSpreadsTheLoad() throws {
    func worst(_ contest: Double) throws -> Double {
      let model = try Fixtures.model(Fixtures.network(), configuration: Fixtures.configuration(contest: contest))
      return try Double(NetworkSchedule(model, lines: 1_000, rounds: 0).lowerBound)
    }
    #expect(try worst(4) < worst(0))
  }

  @Test func slicesGoThereAndBack() throws {
    let network = try Fixtures.network()
    for rule in Slicing.Rule.allCases {
      var configuration = Fixtures.configuration()
      configuration.slicing = rule
      let bank = try SliceBank(network, configuration: configuration)
      for layer in bank.layers {
        #expect(bank.kernels(of: layer) == network.parameters[layer.shape.name + ".weight"]?.scalars)
      }
      let rows = bank.contests.flatMap(\.rows)
      #expect(rows.sorted() == Array(0..<bank.count))
    }
  }

  @Test func digitalLayersStayOut() throws {
    let network = try Fixtures.network()
    let names = try NetworkShape(network).layers.map(\.name)
    var configuration = Fixtures.configuration()
    configuration.digitalLayers = [names[0]]
    let model = try Fixtures.model(network, configuration: configuration)
    #expect(model.layers.map(\.shape.name) == Array(names.dropFirst()))
    #expect(model.network.parameters[names[0] + ".weight"] == network.parameters[names[0] + ".weight"])
    configuration.digitalLayers = ["nobody"]
    #expect(throws: BasisNError.self) { try SliceBank(network, configuration: configuration) }
  }

  @Test func badSettingsAndWeightsAreRefused() throws {
    let bad: [(inout EncodingConfiguration) -> Void] = [
      { $0.nonzeros = 25 }, { $0.nonzeros = 0 }, { $0.bits = 1 }, { $0.bits = 9 }, { $0.cellBits = 0 },
      { $0.cellBits = 7 }, { $0.basis = 0 }, { $0.rows = 0 }, { $0.contest = -1 }, { $0.contest = .nan },
    ]
    for change in bad {
      var configuration = Fixtures.configuration()
      change(&configuration)
      #expect(throws: BasisNError.self) { try configuration.validate() }
    }
    var network = try Fixtures.network()
    let name = try #require(NetworkShape(network).layers.first?.name) + ".weight"
    network.parameters[name]?[0, 0, 0, 0] = .infinity
    #expect(throws: BasisNError.badWeights(layer: String(name.dropLast(7)), index: 0)) {
      try SliceBank(network, configuration: Fixtures.configuration())
    }
  }
}

extension Double {
  var squared: Double { self * self }
}
