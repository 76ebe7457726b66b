import FileKit
import Foundation
import ImageDataset
import TinyNN
import TinyTensor
import VisionModels

/// Everything that changes while a code is trained: leaves, running statistics, optimiser moments, the step.
struct TrainingState {
  /// Steps done.
  private(set) var step = 0
  private let start: BasisCode
  private let graph: Network
  private let coefficients: Variable
  private let basis: Variable
  private let parameters: ParameterSet
  private let others: [Variable]
  private let regularizer: ContestRegularizer
  private var optimizer: Adam
  private let seed: UInt64

  init(_ code: BasisCode, network: Network, plan: TrainingPlan) throws(BasisNError) {
    start = code
    graph = network
    seed = plan.seed
    coefficients = Variable(code.coefficients, requiresGradient: true, name: "coefficients")
    basis = Variable(code.basis, requiresGradient: true, name: "basis")
    parameters = try asBasisNError { () throws(NetworkError) in try ParameterSet(network) }
    let kernels = Set(code.layers.map { $0.shape.name + ".weight" })
    others = parameters.trainable.filter { !kernels.contains($0.name) }.map(\.variable)
    regularizer = ContestRegularizer(code)
    // Rates and decays stand in the groups; the optimiser's own are 1.
    optimizer = Adam(
      weightDecay: 1,
      groups: [
        .named(["coefficients"], learningRateScale: plan.coefficientRate, weightDecayScale: plan.coefficientDecay),
        .named(["basis"], learningRateScale: plan.basisRate, weightDecayScale: plan.basisDecay),
        ParameterGroup(learningRateScale: plan.otherRate, weightDecayScale: 0) { _ in true },
      ])
  }

  /// The code as it stands.
  var code: BasisCode {
    var code = start
    code.coefficients = coefficients.value
    code.basis = basis.value
    return code
  }

  /// The network as it stands, with the kernels of the last step.
  var network: Network {
    var network = graph
    parameters.write(to: &network)
    return network
  }

  /// One step of gradient descent.
  mutating func advance(
    _ batch: Batch, teacher: InferenceEngine?, plan: TrainingPlan
  ) throws(BasisNError) -> BasisNTrainer.Step {
    let kernels = matmul(
      StraightThrough.coefficients(coefficients, code: start, clipsGradient: plan.clipsGradient),
      varied(StraightThrough.basis(basis, code: start, clipsGradient: plan.clipsGradient), plan))
    install(kernels.value)
    let (loss, accuracy) = try lossOf(batch, teacher: teacher, plan: plan)
    let value = Double(loss.value.item)
    guard value.isFinite else {
      return .init(step: step + 1, total: plan.steps, loss: value, contest: nil, accuracy: 0)
    }
    loss.backward()
    kernels.backward(kernelGradient(shape: kernels.shape))
    let weight = plan.contestWeight(step: step)
    var contest: Double?
    if weight > 0 {
      let omega = regularizer(coefficients)
      contest = Double(omega.value.item)
      (omega * weight).backward()
    }
    let turn = plan.updates(step: step)
    let updated = (turn.coefficients ? [coefficients] : []) + (turn.basis ? [basis] : []) + others
    optimizer.step(updated, learningRate: plan.schedule.learningRate(step: step, of: plan.steps))
    parameters.clearGradients()
    coefficients.clearGradient()
    basis.clearGradient()
    step += 1
    // Rounding would hide a number that is none, so the leaves are looked at, not the next loss.
    let isSound = coefficients.value.isFinite && basis.value.isFinite
    return .init(step: step, total: plan.steps, loss: isSound ? value : .nan, contest: contest, accuracy: accuracy)
  }

  /// Cross-entropy, and the teacher's softened answers.
  private func lossOf(
    _ batch: Batch, teacher: InferenceEngine?, plan: TrainingPlan
  ) throws(BasisNError) -> (loss: Variable, accuracy: Double) {
    let logits: Variable
    var answers: Tensor?
    do {
      logits = try graph.forward(
        Variable(batch.images), parameters: parameters, mode: .training(seed: seed, step: step))
      if plan.distillation > 0 { answers = try teacher?.logits(batch.images) }
    } catch {
      throw .network(error)
    }
    var loss = crossEntropy(logits, labels: batch.labels)
    if let answers {
      loss =
        loss * (1 - plan.distillation)
        + klDivergence(student: logits, teacher: answers, temperature: plan.temperature) * plan.distillation
    }
    let right = zip(logits.value.argmaxRows(), batch.labels).count { $0 == $1 }
    return (loss, Double(right) / Double(batch.count))
  }

  /// Puts kernels into the network's leaves.
  private func install(_ vectors: Tensor) {
    let bank = SliceBank(layers: start.layers, vectors: vectors)
    for layer in start.layers {
      guard let leaf = parameters[layer.shape.name + ".weight"] else { continue }
      leaf.value = Tensor(shape: leaf.shape, bank.kernels(of: layer))
    }
  }

  /// Gradients of the leaves as kernel slices.
  private func kernelGradient(shape: [Int]) -> Tensor {
    var result = Tensor(zeros: shape)
    for layer in start.layers {
      guard let gradient = parameters[layer.shape.name + ".weight"]?.gradient else { continue }
      SliceBank.write(gradient.scalars, of: layer, into: &result)
    }
    return result
  }

  /// The basis as a badly programmed chip would hold it: each entry off by a relative error, drawn anew each step (step 7).
  private func varied(_ rounded: Variable, _ plan: TrainingPlan) -> Variable {
    guard plan.variation > 0 else { return rounded }
    var generator = Philox(seed: seed, stream: "variation.\(step)")
    let factors = Tensor.normal(rounded.shape, mean: 1, standardDeviation: plan.variation, using: &generator)
    return rounded * Variable(factors)
  }

  // MARK: Checkpoints

  /// Writes the state atomically.
  func save(to url: URL) throws(BasisNError) {
    var tensors: [(String, Tensor)] = [("coefficients", coefficients.value), ("basis", basis.value)]
    let network = network
    tensors += network.parameters.sorted { $0.key < $1.key }.map { ("network." + $0.key, $0.value) }
    tensors += optimizer.state.sorted { $0.key < $1.key }.map { ("optimizer." + $0.key, $0.value) }
    do {
      try SafeTensors.write(
        tensors, metadata: ["kind": "basisn.training", "step": "\(step)", "seed": "\(seed)"], to: url)
    } catch {
      throw .invalidFile(path: url.path, detail: error.description)
    }
  }

  /// Reads a state written by ``save(to:)``.
  mutating func restore(from url: URL) throws(BasisNError) {
    do {
      let file = try SafeTensors(mapping: url)
      guard file.metadata["kind"] == "basisn.training", let saved = file.metadata["step"].flatMap(Int.init),
        file.metadata["seed"] == "\(seed)"
      else {
        throw BasisNError.invalidFile(
          path: url.path, detail: "not a train state of this run; remove it or change --out")
      }
      let tensors = try file.tensors()
      try assign(tensors["coefficients"], to: coefficients, url)
      try assign(tensors["basis"], to: basis, url)
      for (name, tensor) in tensors where name.hasPrefix("network.") {
        guard let variable = parameters[String(name.dropFirst("network.".count))] else { continue }
        try assign(tensor, to: variable, url)
      }
      optimizer.state = Dictionary(
        uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix("optimizer.") }.map {
          (String($0.key.dropFirst("optimizer.".count)), $0.value)
        })
      step = saved
    } catch let error as BasisNError {
      throw error
    } catch {
      throw .invalidFile(path: url.path, detail: "\(error)")
    }
  }

  private func assign(_ tensor: Tensor?, to variable: Variable, _ url: URL) throws(BasisNError) {
    guard let tensor, tensor.shape == variable.shape else {
      throw .invalidFile(path: url.path, detail: "the train state is of another network or basis; remove it")
    }
    variable.value = tensor
  }
}
