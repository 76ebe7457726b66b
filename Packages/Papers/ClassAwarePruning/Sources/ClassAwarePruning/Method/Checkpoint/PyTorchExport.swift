import FileKit
import Foundation
import JSONC
import VisionModels

/// Writes a network for PyTorch: the safetensors file, its graph as readable JSON, and the few lines of Python that run it.
public enum PyTorchExport {
  /// Writes `<path>.safetensors`, `<path>.json` and `rebuild.py` beside them.
  /// - Parameter path: path without ending.
  /// - Returns: the files written.
  /// - Throws: ``PruneError/invalidFile(path:detail:)`` or ``PruneError/network(_:)``.
  public static func write(_ network: Network, to path: URL) throws(PruneError) -> [URL] {
    let weights = path.appendingPathExtension("safetensors")
    let graph = path.appendingPathExtension("json")
    let script = path.deletingLastPathComponent().appendingPathComponent("rebuild.py")
    try asPruneError { () throws(NetworkError) in try network.save(to: weights) }
    do {
      try AtomicFile.write(try JSON.encode(NetworkArchitecture(network), style: .pretty), to: graph)
      try AtomicFile.write(try Data(contentsOf: HardwareSettings.resource("rebuild", "py")), to: script)
    } catch {
      throw .invalidFile(path: path.path, detail: "\(error)")
    }
    return [weights, graph, script]
  }
}
