import Foundation
import JSONC
import TinyNN
import TinyTensor

/// Where a training of adapters stands: what its checkpoint holds besides the adapters.
struct RecoveryState {
  /// Names model, text and settings.
  let identity: String
  var optimizer: Adam
  /// The loss of every step so far.
  var losses: [Double] = []

  init(identity: String, optimizer: Adam) {
    self.identity = identity
    self.optimizer = optimizer
  }

  /// Writes the state and the parameters, under a temporary name first.
  func write(to url: URL, _ parameters: [Variable]) throws {
    let moments = optimizer.state.sorted { $0.key < $1.key }.map { ("optimizer." + $0.key, $0.value) }
    let values = parameters.map { ("parameter." + ($0.name ?? ""), $0.value) }
    let losses = String(decoding: try JSON.encode(losses), as: UTF8.self)
    try SafeTensors.write(values + moments, metadata: ["identity": identity, "losses": losses], to: url)
  }

  /// Goes on from a file, if it is there.
  ///
  /// - Throws: ``BasisSharingError/invalidState(path:problem:)`` for a file of another training, or a file's error.
  mutating func restore(from url: URL, _ parameters: [Variable]) throws {
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    let file = try SafeTensors(mapping: url)
    guard file.metadata["identity"] == identity, let text = file.metadata["losses"] else {
      throw BasisSharingError.invalidState(path: url.path, problem: "the adapters belong to another training")
    }
    losses = try JSON.decode([Double].self, from: Data(text.utf8))
    for parameter in parameters {
      let value = try file.tensor("parameter." + (parameter.name ?? ""))
      guard value.shape == parameter.shape else {
        throw BasisSharingError.invalidState(path: url.path, problem: "an adapter has shape \(value.shape)")
      }
      parameter.value = value
    }
    var moments: [String: Tensor] = [:]
    for entry in file.entries where entry.name.hasPrefix("optimizer.") {
      moments[String(entry.name.dropFirst("optimizer.".count))] = try file.tensor(entry.name)
    }
    optimizer.state = moments
  }
}
