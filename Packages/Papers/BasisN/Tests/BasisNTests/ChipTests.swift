import BasisN
import ImageDataset
import Testing
import TinyTensor
import VisionModels

/// Whole networks on simulated crossbars.
@Suite struct ChipTests {
  static func logits(
    _ model: BasisNModel, _ configuration: CrossbarConfiguration, combiner: Combiner = .analogRouting,
    images: Tensor
  ) throws -> (logits: Tensor, statistics: [ConversionStatistics]) {
    let calibration = try LayerInputs(of: model.layers.map(\.shape.name), in: model.network, images: images)
    let (network, statistics) = try Chip(model, configuration: configuration, combiner: combiner).network(
      calibration: calibration)
    return (try Fixtures.logits(network, images), statistics)
  }

  static let ideal = CrossbarConfiguration(rows: 32, columns: 32)

  @Test(arguments: Combiner.allCases) func idealCrossbarsEqualTheIntegerPath(_ combiner: Combiner) throws {
    for network in [try Fixtures.network(), try Fixtures.grouped()] {
      let model = try Fixtures.model(network)
      let images = Fixtures.images(network, count: 5)
      let exact = try Fixtures.logits(model.integerNetwork(), images)
      for dacBits in [1, 3, 8] {
        var configuration = Self.ideal
        configuration.dacBits = dacBits
        #expect(try Self.logits(model, configuration, combiner: combiner, images: images).logits == exact)
      }
    }
  }

  @Test func conversionsAreCounted() throws {
    let network = try Fixtures.network()
    let model = try Fixtures.model(network)
    let images = Fixtures.images(network, count: 2)
    var configuration = Self.ideal
    configuration.dacBits = 2
    configuration.converter = ConverterConfiguration(bits: 10)
    let (_, statistics) = try Self.logits(model, configuration, images: images)
    let schedule = try NetworkSchedule(model, lines: 64, rounds: 0)
    // Two images and four input digits.
    #expect(statistics.reduce(0) { $0 + $1.total } == 2 * 4 * schedule.conversions)
    #expect(statistics.allSatisfy { $0.saturation < 0.05 })
  }

  @Test func moreConverterBitsAreCloser() throws {
    let network = try Fixtures.network()
    let model = try Fixtures.model(network)
    let images = Fixtures.images(network, count: 4)
    let exact = try Fixtures.logits(model.integerNetwork(), images)
    let errors = try [4, 6, 8, 12].map { bits in
      var configuration = Self.ideal
      configuration.converter = ConverterConfiguration(bits: bits, range: .calibrated(percentile: 100))
      return try (Self.logits(model, configuration, images: images).logits - exact).norm()
    }
    #expect(errors == errors.sorted(by: >))
    #expect(errors[3] < 0.01 * exact.norm())
  }

  @Test func noiseDependsOnTheImageOnly() throws {
    let network = try Fixtures.network()
    let model = try Fixtures.model(network)
    let images = Fixtures.images(network, count: 20)
    var configuration = Self.ideal
    configuration.readNoise = 0.05
    let calibration = try LayerInputs(of: model.layers.map(\.shape.name), in: model.network, images: images)
    let noisy = try Chip(model, configuration: configuration).network(calibration: calibration).network
    let all = try Fixtures.logits(noisy, images)
    let parts = try [0..<3, 3..<20].map { try Fixtures.logits(noisy, images.slice($0)) }
    #expect(Tensor.concatenatedFirst(parts) == all)
    #expect(try Threads.withCount(1) { try Fixtures.logits(noisy, images) } == all)
    #expect(try all != Fixtures.logits(model.integerNetwork(), images))
  }

  @Test func basisMustFit() throws {
    let model = try Fixtures.model(Fixtures.network())
    #expect(throws: BasisNError.self) {
      try Chip(model, configuration: CrossbarConfiguration(rows: 16, columns: 32))
    }
    let chip = try Chip(model, configuration: Self.ideal)
    #expect(chip.basis.crossbars == 2)
    #expect(chip.basis.levels.shape == [32, 24])
  }

  @Test func repairBringsOutputsBack() throws {
    let network = try Fixtures.network()
    let model = try Fixtures.model(network)
    let images = Fixtures.images(network, count: 6)
    let exact = try Fixtures.logits(model.integerNetwork(), images)
    var configuration = Self.ideal
    configuration.stuckHigh = 0.03
    configuration.wireResistance = 5
    let broken = try Self.logits(model, configuration, images: images).logits
    let chip = try Chip(model, configuration: configuration)
    let outcome = try Repair.repair(model, measured: chip.basis)
    let mended = try Self.logits(outcome.model, configuration, images: images).logits
    #expect(outcome.errorAfter < outcome.errorBefore)
    #expect((mended - exact).norm() < (broken - exact).norm())
    for (before, after) in zip(model.layers, outcome.model.layers) {
      for slice in 0..<before.scales.count {
        #expect(Set(after.terms(slice).map(\.atom)).isSubset(of: before.terms(slice).map(\.atom)))
      }
    }
  }

  @Test func repairOfAPerfectChipChangesNothing() throws {
    let model = try Fixtures.model(Fixtures.network())
    let chip = try Chip(model, configuration: Self.ideal)
    let outcome = try Repair.repair(model, measured: chip.basis)
    #expect(outcome.errorBefore == 0 && outcome.errorAfter == 0)
    #expect(outcome.model.layers == model.layers)
  }

  @Test func doctorNamesTheWorstEffect() throws {
    let network = try Fixtures.network()
    let model = try Fixtures.model(network)
    let images = Fixtures.labelled(count: 40)
    let calibration = try LayerInputs(
      of: model.layers.map(\.shape.name), in: model.network,
      images: images.batch(0..<8, normalization: Normalization.none).images)
    var configuration = Self.ideal
    configuration.readNoise = 0.01
    configuration.converter = ConverterConfiguration(bits: 3)
    let budget = try ErrorBudget(
      model, configuration: configuration, images: images, normalization: .none, calibration: calibration)
    #expect(Set(budget.effects.map(\.name)) == ["read noise", "converters", "converter range"])
    #expect(budget.layers.map(\.layer) == model.layers.map(\.shape.name))
    #expect(budget.layers.allSatisfy { $0.error > 0 })
    let quiet = try ErrorBudget(
      model, configuration: Self.ideal, images: images, normalization: .none, calibration: calibration)
    #expect(quiet.effects.isEmpty && quiet.worst == nil && quiet.all == quiet.exact)
    #expect(quiet.layers.allSatisfy { $0.error == 0 })
  }
}
