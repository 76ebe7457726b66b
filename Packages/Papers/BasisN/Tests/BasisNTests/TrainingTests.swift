import BasisN
import FileKit
import Foundation
import ImageDataset
import Testing
import TinyNN
import TinyTensor
import VisionModels

@Suite struct TrainingTests {
  /// Ω written down as in the specification, in Double.
  static func contest(_ c: [Double], code: BasisCode, softness: Double) -> Double {
    let atoms = code.configuration.basis
    let bank = SliceBank(layers: code.layers, vectors: Tensor(zeros: [code.coefficients.shape[0], 32]))
    var total = 0.0
    var windows = 0.0
    for group in bank.contests {
      var loads = [Double](repeating: 0, count: atoms)
      for row in group.rows {
        for atom in 0..<atoms {
          let magnitude = abs(c[row * atoms + atom])
          loads[atom] += magnitude / (magnitude + softness * Double(code.steps[row]))
        }
      }
      let mean = loads.reduce(0, +) / Double(atoms)
      let fourth = loads.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(atoms)
      let weight = Double(code.layers[group.layer].shape.windows)
      total += weight * (fourth.squareRoot().squareRoot() / mean)
      windows += weight
    }
    return total / windows
  }

  @Test func contestTermAndGradient() throws {
    let code = try BasisCode(encoding: Fixtures.network(), configuration: Fixtures.configuration())
    // Keeps away from the kink at zero.
    let dense = code.coefficients.map { abs($0) < 0.02 ? ($0 < 0 ? -0.02 : 0.02) : $0 }
    let regularizer = ContestRegularizer(code)
    let value = Double(regularizer(Variable(dense)).value.item)
    let wanted = Self.contest(dense.scalars.map(Double.init), code: code, softness: 0.5)
    #expect(abs(value - wanted) < 1e-5 * wanted)
    let leaf = Variable(dense, requiresGradient: true)
    regularizer(leaf).backward()
    let gradient = try #require(leaf.gradient)
    var generator = Philox(seed: 2, stream: "direction")
    for _ in 0..<3 {
      let direction = Tensor.normal(dense.shape, using: &generator)
      let step = 1e-5
      func at(_ factor: Double) -> Double {
        Self.contest(
          zip(dense.scalars, direction.scalars).map { Double($0) + factor * Double($1) }, code: code, softness: 0.5)
      }
      let numeric = (at(step) - at(-step)) / (2 * step)
      #expect(abs(numeric - Double(gradient.dot(direction))) < 1e-3 * max(abs(numeric), 1e-3))
    }
  }

  @Test func evenLoadHasContestOne() throws {
    let code = try BasisCode(encoding: Fixtures.network(), configuration: Fixtures.configuration())
    let even = Tensor(repeating: 1, shape: code.coefficients.shape)
    #expect(abs(ContestRegularizer(code)(Variable(even)).value.item - 1) < 1e-5)
    let concentrated = Variable(code.mask)
    #expect(ContestRegularizer(code)(concentrated).value.item > 1)
  }

  static func trainer(steps: Int, plan change: (inout TrainingPlan) -> Void = { _ in }) throws -> (
    BasisNTrainer, Network
  ) {
    let network = try Fixtures.network()
    var plan = TrainingPlan(
      steps: steps, batchSize: 16, contest: 0.05, recalibrationBatches: 2, augmentation: Augmentation(cropPadding: 1),
      seed: 4)
    change(&plan)
    let trainer = try BasisNTrainer(
      plan, teacher: network, images: Fixtures.labelled(count: 128), normalization: .none)
    return (trainer, network)
  }

  static func code(_ network: Network) throws -> BasisCode {
    try BasisCode(encoding: network, configuration: Fixtures.configuration())
  }

  @Test func trainingApproachesTheTeacher() throws {
    var (trainer, network) = try Self.trainer(steps: 60) {
      $0.distillation = 1
      $0.contest = 0
    }
    var losses: [Double] = []
    trainer.onStep = { losses.append($0.loss) }
    let code = try Self.code(network)
    let outcome = try trainer.train(code, network: network)
    #expect(outcome.steps == 60 && losses.count == 60)
    let (first, last) = (losses.prefix(10).reduce(0, +), losses.suffix(10).reduce(0, +))
    #expect(last < 0.7 * first, "\(first) → \(last)")
    #expect(outcome.code.mask == code.mask)
    #expect((outcome.code.coefficients * (code.mask * -1 + 1)).norm() == 0)
    // The network holds exactly the kernels of the code.
    for layer in outcome.code.layers {
      let name = layer.shape.name + ".weight"
      #expect(outcome.network.parameters[name] == outcome.code.network(network).parameters[name])
    }
  }

  @Test func resumedTrainingEqualsUninterrupted() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("basisn-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let state = folder.appendingPathComponent("train.state")
    let (whole, network) = try Self.trainer(steps: 9)
    let code = try Self.code(network)
    let wanted = try whole.train(code, network: network)
    var (first, _) = try Self.trainer(steps: 9)
    first.checkpoint = state
    let counter = Counter()
    first.onStep = { _ in counter.value += 1 }
    first.isCancelled = { counter.value >= 4 }
    #expect(try first.train(code, network: network).steps == 4)
    var (second, _) = try Self.trainer(steps: 9)
    second.checkpoint = state
    let resumed = try second.train(code, network: network, resume: true)
    #expect(resumed.steps == 9)
    #expect(resumed.code.coefficients == wanted.code.coefficients)
    #expect(resumed.code.basis == wanted.code.basis)
    #expect(resumed.network.parameters == wanted.network.parameters)
    try AtomicFile.write("rubbish", to: state)
    #expect(throws: BasisNError.self) { try second.train(code, network: network, resume: true) }
  }

  private final class Counter {
    var value = 0
  }

  @Test func threadsDoNotMatter() throws {
    func train(_ threads: Int) throws -> BasisNTrainer.Outcome {
      try Threads.withCount(threads) {
        let (trainer, network) = try Self.trainer(steps: 4)
        return try trainer.train(Self.code(network), network: network)
      }
    }
    let (one, two) = (try train(1), try train(2))
    #expect(one.code.coefficients == two.code.coefficients && one.code.basis == two.code.basis)
    #expect(one.network.parameters == two.network.parameters)
  }

  @Test func alternationLeavesTheOtherAlone() throws {
    let (trainer, network) = try Self.trainer(steps: 3) {
      $0.joint = false
      $0.coefficientPhase = 100
    }
    let code = try Self.code(network)
    let outcome = try trainer.train(code, network: network)
    #expect(outcome.code.basis == code.basis)
    #expect(outcome.code.coefficients != code.coefficients)
  }

  @Test func divergenceIsReported() throws {
    let (trainer, network) = try Self.trainer(steps: 30) {
      $0.otherRate = 1e30
      $0.coefficientRate = 1e30
    }
    #expect(throws: BasisNError.self) { try trainer.train(Self.code(network), network: network) }
  }

  @Test func badPlansAreRefused() {
    let bad: [(inout TrainingPlan) -> Void] = [
      { $0.steps = -1 }, { $0.batchSize = 1 }, { $0.coefficientRate = -1 }, { $0.basisRate = .nan },
      { $0.distillation = 2 }, { $0.temperature = 0 }, { $0.contest = -1 }, { $0.variation = 1 },
      { $0.recalibrationBatches = 0 }, { $0.coefficientPhase = 0 }, { $0.batchSize = 1_000 },
    ]
    for change in bad { #expect(throws: BasisNError.self) { try Self.trainer(steps: 1, plan: change) } }
  }

  @Test func variationAndClippingTrain() throws {
    let (trainer, network) = try Self.trainer(steps: 3) {
      $0.variation = 0.1
      $0.clipsGradient = true
    }
    let outcome = try trainer.train(Self.code(network), network: network)
    #expect(outcome.code.basis.isFinite && outcome.code.coefficients.isFinite)
  }
}
