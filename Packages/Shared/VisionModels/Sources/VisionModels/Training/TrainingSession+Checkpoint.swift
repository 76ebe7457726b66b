import FileKit
import Foundation
import JSONC
import TinyNN
import TinyTensor

/// The train state as one safetensors file: weights under PyTorch's names, optimiser slots under `opt.`, averages under
/// `average.`, and step, seed, configuration and data in the metadata. Written to a temporary file and renamed.
extension TrainingSession {
  private static let version = "1"

  func save(to url: URL) throws(NetworkError) {
    var state = network
    write(to: &state)
    var tensors = state.parameterSpecifications.compactMap { specification in
      state.parameters[specification.name].map { (specification.name, $0) }
    }
    for (index, entry) in optimizers.enumerated() {
      for (name, tensor) in entry.rule.state.sorted(by: { $0.key < $1.key }) {
        tensors.append((Self.slotPrefix(index) + name, tensor))
      }
    }
    for (name, tensor) in averager.state.sorted(by: { $0.key < $1.key }) { tensors.append(("average." + name, tensor)) }
    do {
      let metadata = try fingerprint().merging([
        "step": "\(step)", "epoch": "\(epoch)", "writer": "hardwise VisionModels",
      ]) { $1 }
      try SafeTensors.write(tensors, metadata: metadata, to: url, precision: .float32)
    } catch {
      throw .invalidFile(path: url.path, detail: "the checkpoint could not be written: \(error)")
    }
  }

  func restore(from url: URL) throws(NetworkError) {
    let file: SafeTensors
    let expected: [String: String]
    do {
      file = try SafeTensors(mapping: url)
      expected = try fingerprint()
    } catch {
      throw .invalidFile(path: url.path, detail: "\(error)")
    }
    for (key, value) in expected.sorted(by: { $0.key < $1.key }) where file.metadata[key] != value {
      throw .staleCheckpoint(path: url.path, detail: "its \(key) differs")
    }
    guard let text = file.metadata["step"], let saved = Int(text), (0...totalSteps).contains(saved) else {
      throw .staleCheckpoint(path: url.path, detail: "its step is \(file.metadata["step"] ?? "absent")")
    }
    try restoreTensors(file)
    resume(at: saved)
  }

  private func restoreTensors(_ file: SafeTensors) throws(NetworkError) {
    var weights: [String: Tensor] = [:]
    var averages: [String: Tensor] = [:]
    var slots: [[String: Tensor]] = Array(repeating: [:], count: optimizers.count)
    for name in file.names {
      let tensor: Tensor
      do { tensor = try file.tensor(name) } catch { throw .invalidFile(path: file.url.path, detail: "\(error)") }
      if let index = slots.indices.first(where: { name.hasPrefix(Self.slotPrefix($0)) }) {
        slots[index][String(name.dropFirst(Self.slotPrefix(index).count))] = tensor
      } else if name.hasPrefix("average.") {
        averages[String(name.dropFirst("average.".count))] = tensor
      } else {
        weights[name] = tensor
      }
    }
    let problems = Network.problems(in: weights, for: network.parameterSpecifications)
    guard problems.isEmpty else { throw .parameters(problems) }
    parameters.assign(weights)
    averager.state = averages
    for index in optimizers.indices { optimizers[index].rule.state = slots[index] }
  }

  /// What must be equal for a resumption to continue the same run.
  private func fingerprint() throws -> [String: String] {
    [
      "format": "hardwise.train." + Self.version,
      "architecture": String(decoding: try JSON.encode(NetworkArchitecture(network)), as: UTF8.self),
      "configuration": String(decoding: try JSON.encode(CanonicalConfiguration(configuration)), as: UTF8.self),
      "seed": "\(configuration.seed)", "data": dataKey,
    ]
  }

  private static func slotPrefix(_ group: Int) -> String { group == 0 ? "opt." : "opt\(group)." }
}

/// A configuration in a form whose JSON text is always the same: sets and dictionaries sorted.
private struct CanonicalConfiguration: Encodable {
  let text: [String]

  init(_ configuration: TrainingConfiguration) throws {
    var plain = configuration
    plain.trainedUntilEpoch = [:]
    let roles = plain.groups.map { $0.roles.map(\.rawValue).sorted().joined(separator: "+") }
    for index in plain.groups.indices { plain.groups[index].roles = [] }
    text =
      [String(decoding: try JSON.encode(plain), as: UTF8.self)] + roles
      + configuration.trainedUntilEpoch.map { "\($0.key)<\($0.value)" }.sorted()
  }
}
