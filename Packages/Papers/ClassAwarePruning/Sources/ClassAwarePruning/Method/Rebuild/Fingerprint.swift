import FileKit
import Foundation
import TinyTensor
import VisionModels

extension Network {
  /// Digest (SHA-256) over the names, shapes and values of all tensors: what plans and saved states are tied to.
  public var fingerprint: String {
    var hash = SHA256()
    for name in parameters.keys.sorted() {
      guard let tensor = parameters[name] else { continue }
      hash.update(Data("\(name)\(tensor.shape)".utf8))
      tensor.withUnsafeBufferPointer { hash.update(UnsafeRawBufferPointer($0)) }
    }
    return hash.hexDigest()
  }

  /// Refuses weights with NaN or infinity.
  /// - Throws: ``PruneError/badWeights(tensor:index:)`` for the first in order of names.
  func requireFiniteWeights() throws(PruneError) {
    for name in parameters.keys.sorted() {
      guard let tensor = parameters[name], !tensor.isFinite else { continue }
      throw .badWeights(tensor: name, index: tensor.scalars.firstIndex { !$0.isFinite } ?? 0)
    }
  }
}
