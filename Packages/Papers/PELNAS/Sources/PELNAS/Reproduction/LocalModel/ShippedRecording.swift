import Foundation
import JSONC

/// What SmolLM2 answered at the quick scale with the default seed, shipped with the package: the study needs no weights to be read.
package struct ShippedRecording: Sendable, Codable {
  /// Name of the model.
  let model: String
  /// Fingerprint of its weights.
  let fingerprint: String?
  /// The one-shot samples.
  let samples: [ModelSample]
  /// ``SearchReport/fingerprint()`` of the recorded search.
  package let searchFingerprint: String

  private static let folder = "Resources/recordings"

  /// Calls of the recorded search, for ``ReplayProposer``.
  package static func searchURL() throws -> URL { try resource("search", "jsonl") }

  /// The samples.
  package static func load() throws -> ShippedRecording {
    try JSON.read(ShippedRecording.self, from: resource("samples", "json"))
  }

  private static func resource(_ name: String, _ ending: String) throws -> URL {
    guard let url = Bundle.module.url(forResource: name, withExtension: ending, subdirectory: folder) else {
      throw PELNASError.badFile(
        path: "\(folder)/\(name).\(ending)", problem: "the package's resource is missing; build again")
    }
    return url
  }
}
