import FileKit
import Foundation

extension ModelFile {
  /// The file name of the project's default model, SmolLM2-135M-Instruct in Q4_1 (Apache-2.0).
  public static let defaultModelName = "SmolLM2-135M-Instruct.Q4_1.gguf"

  /// Where the default model is on this machine: `$HARDWISE_MODEL`, or `models/` in the cache directory; nil if in
  /// neither.
  public static func defaultModelURL() -> URL? {
    let named = ProcessInfo.processInfo.environment["HARDWISE_MODEL"].map { URL(fileURLWithPath: $0) }
    let cached = CacheDirectory.url.appendingPathComponent("models").appendingPathComponent(defaultModelName)
    return [named, cached].compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0.path) }
  }
}
