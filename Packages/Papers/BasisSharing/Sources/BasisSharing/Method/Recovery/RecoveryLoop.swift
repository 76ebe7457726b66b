import FileKit
import Foundation
import LanguageModel
import ReproductionKit
import TinyNN
import TinyTensor

/// Training of some parameters of a compressed model on consecutive sequences of a text: AdamW without decay at a constant rate, batch 1.
package struct RecoveryLoop {
  let tokens: [Int32]
  let length: Int
  let steps: Int
  let learningRate: Float
  /// Names what else the losses depend on.
  let settings: String

  /// Steps between two checkpoints.
  static let checkpointInterval = 25

  /// Trains the parameters in place.
  ///
  /// - Parameters:
  ///   - parameters: What is trained, with distinct names.
  ///   - running: The compressed model.
  ///   - checkpoint: A file to go on from and to leave the state in.
  ///   - maps: The linear maps that the parameters make; asked before every step.
  /// - Returns: The loss of every step.
  func run(
    _ parameters: [Variable], running: LlamaModel, checkpoint: URL?, progress: ProgressReporter,
    isCancelled: () -> Bool,
    maps: () -> [LinearAddress: TrainableLinear]
  ) throws -> [Double] {
    guard tokens.count > length, length > 1 else {
      throw BasisSharingError.tooFewTokens(have: tokens.count, need: length + 1)
    }
    var state = RecoveryState(identity: identity(running), optimizer: .adamW(weightDecay: 0))
    if let checkpoint { try state.restore(from: checkpoint, parameters) }
    while state.losses.count < steps {
      if isCancelled() {
        if let checkpoint { try state.write(to: checkpoint, parameters) }
        throw Interrupted()
      }
      let start = state.losses.count * length % (tokens.count - length)
      let loss = try Self.loss(Array(tokens[start...start + length]), maps(), running: running)
      loss.backward()
      state.optimizer.step(parameters, learningRate: learningRate)
      parameters.clearGradients()
      state.losses.append(Double(loss.value.item))
      progress.report(state.losses.count, of: steps, "recovery, loss \(loss.value.item)")
      if let checkpoint, state.losses.count.isMultiple(of: Self.checkpointInterval) {
        try state.write(to: checkpoint, parameters)
      }
    }
    return state.losses
  }

  /// The mean loss of predicting every token of a sequence but the first.
  package static func loss(
    _ tokens: [Int32], _ maps: [LinearAddress: TrainableLinear], running: LlamaModel
  ) throws -> Variable {
    let view = DifferentiableModel(running, trainables: maps, checkpointing: true)
    let logits = try view.logits([TrainingSegment(.tokens(Array(tokens.dropLast())))])
    return crossEntropy(logits, labels: tokens.dropFirst().map(Int.init))
  }

  private func identity(_ model: LlamaModel) -> String {
    var hash = SHA256()
    hash.update(Data(model.identity.hash.utf8))
    tokens.withUnsafeBytes { hash.update($0) }
    // The number of steps may grow: earlier ones do not depend on it.
    hash.update(Data("\(settings) \(learningRate) \(length)".utf8))
    return hash.hexDigest()
  }
}
