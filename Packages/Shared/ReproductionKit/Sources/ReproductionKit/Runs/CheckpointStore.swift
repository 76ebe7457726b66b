import FileKit
import Foundation
import JSONC

/// Saved results of a run's steps: one JSON file per step, written atomically.
struct CheckpointStore: Sendable {
  /// A result with the seconds it took to compute.
  struct Saved<Value> {
    let value: Value
    let seconds: Double
  }

  /// The outcome of a look-up.
  enum Lookup<Value> {
    case absent
    case found(Saved<Value>)
    case corrupted(RunError)
  }

  private struct Envelope<Value: Codable>: Codable {
    var step: String
    var seconds: Double
    var value: Value
  }

  let folder: URL

  /// The file of a step.
  func url(for step: String) -> URL {
    folder.appendingPathComponent(FileName.encoded(step) + ".json")
  }

  /// Reads the saved result of a step.
  func load<Value: Codable>(_ step: String, as type: Value.Type) -> Lookup<Value> {
    let url = url(for: step)
    guard FileManager.default.fileExists(atPath: url.path) else { return .absent }
    do {
      let envelope = try JSON.read(Envelope<Value>.self, from: url)
      guard envelope.step == step else {
        return .corrupted(
          .corruptedCheckpoint(path: url.path, step: step, reason: "it belongs to step \"\(envelope.step)\""))
      }
      return .found(Saved(value: envelope.value, seconds: envelope.seconds))
    } catch {
      return .corrupted(.corruptedCheckpoint(path: url.path, step: step, reason: oneLine(error)))
    }
  }

  /// Saves the result of a step.
  func save<Value: Codable>(_ value: Value, seconds: Double, for step: String) throws {
    let data: Data
    do {
      data = try JSON.encode(Envelope(step: step, seconds: seconds, value: value))
    } catch {
      throw RunError.unencodableStep(step: step, reason: oneLine(error))
    }
    try AtomicFile.write(data, to: url(for: step))
  }
}

/// An error's description on one line.
func oneLine(_ error: any Error) -> String {
  String(describing: error).split(whereSeparator: \.isNewline).joined(separator: " ")
}
