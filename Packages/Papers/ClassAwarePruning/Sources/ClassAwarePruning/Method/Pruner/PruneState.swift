import FileKit
import Foundation
import ImageDataset
import JSONC
import VisionModels

/// Where a run stands between two rounds.
struct PruneState {
  var network: Network
  var report: PruneReport
}

/// Keeps the state of an unfinished run in a folder: `state.json` and `network.safetensors`, each written atomically, and the
/// train state of the phase that was interrupted.
struct PruneStateStore {
  let folder: URL

  private struct Header: Codable {
    var key: String
    var fingerprint: String
    var report: PruneReport
  }

  private var headerURL: URL { folder.appendingPathComponent("state.json") }

  /// The network file of a state; named after its round, so that a kill between the two writes leaves a matching pair.
  private func networkURL(rounds: Int) -> URL { folder.appendingPathComponent("network-\(rounds).safetensors") }

  /// File of the train state of one phase.
  func trainingState(phase: UInt64) -> URL { folder.appendingPathComponent("phase-\(phase).train.safetensors") }

  /// Identifies configuration, starting weights and data.
  static func key(
    _ configuration: PruneConfiguration, network: Network, train: LabeledImages, validation: LabeledImages
  ) throws -> String {
    let text = String(decoding: try JSON.encode(configuration), as: UTF8.self)
    return SHA256.hexDigest(
      of: Data([text, network.fingerprint, train.sha256, validation.sha256].joined(separator: "\n").utf8))
  }

  func save(_ state: PruneState, key: String) throws {
    let rounds = state.report.rounds.count
    try state.network.save(to: networkURL(rounds: rounds))
    let header = Header(key: key, fingerprint: state.network.fingerprint, report: state.report)
    try AtomicFile.write(try JSON.encode(header, style: .pretty), to: headerURL)
    if rounds > 0 { try? FileManager.default.removeItem(at: networkURL(rounds: rounds - 1)) }
  }

  /// - Returns: nil if there is no state.
  /// - Throws: ``PruneError/staleState(_:)`` if the state belongs to another run.
  func load(key: String) throws -> PruneState? {
    guard FileManager.default.fileExists(atPath: headerURL.path) else { return nil }
    let header = try JSON.read(Header.self, from: headerURL)
    guard header.key == key else {
      throw PruneError.staleState("\(headerURL.path) belongs to a run with another configuration, network or data")
    }
    let network = try Network(loading: networkURL(rounds: header.report.rounds.count))
    guard network.fingerprint == header.fingerprint else {
      throw PruneError.staleState("\(folder.path) holds a network that does not belong to its state.json")
    }
    return PruneState(network: network, report: header.report)
  }

  /// Forgets the run.
  func clear() throws {
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    for file in files where Self.isOurs(file.lastPathComponent) { try FileManager.default.removeItem(at: file) }
  }

  private static func isOurs(_ name: String) -> Bool {
    name == "state.json" || (name.hasPrefix("network-") && name.hasSuffix(".safetensors"))
      || name.hasSuffix(".train.safetensors")
  }
}
