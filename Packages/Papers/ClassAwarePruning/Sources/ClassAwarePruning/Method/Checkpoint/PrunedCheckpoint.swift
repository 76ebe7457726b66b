import FileKit
import Foundation
import ImageDataset
import TinyTensor
import VisionModels

/// A pruned network as a plain safetensors file that describes and proves itself (section 10, feature 3).
///
/// The tensors carry PyTorch's names, so any safetensors reader can load them. The metadata hold the graph with its widths
/// (`architecture`, `widths`), what is left of the original filters, and a proof: images and the logits the network gave for
/// them. Loading recomputes the logits and refuses a file whose answers have changed.
public enum PrunedCheckpoint {
  /// What the proof showed.
  public struct Proof: Sendable, Hashable, Codable {
    /// Images compared.
    public let images: Int
    /// Whether the logits are the same bits as when the file was written (same kind of machine and build).
    public let isIdentical: Bool
    /// Largest absolute difference of a logit.
    public let maximumDifference: Float
  }

  private static let imagesKey = "proof_images"
  private static let shapeKey = "proof_shape"
  private static let logitsKey = "proof_logits"
  private static let hashKey = "proof_sha256"
  /// Difference that another machine's rounding may cause, relative to the largest logit.
  private static let tolerance: Float = 1e-3

  /// Writes a network with its proof.
  /// - Parameters:
  ///   - images: raw pixels of a few images (16 are enough), stored with the file.
  ///   - normalization: what the weights expect; stored too.
  /// - Throws: ``PruneError/network(_:)`` if the network is not valid or the file cannot be written.
  public static func write(
    _ network: Network, proof images: LabeledImages, normalization: Normalization, to url: URL
  ) throws(PruneError) {
    var described = network
    described.normalization = normalization
    PruningHistory(of: network).write(to: &described)
    let pixels = Data(images.withPixels { Array($0) })
    let logits = try self.logits(described, pixels: pixels, shape: shape(images), normalization: normalization)
    let bytes = logits.withUnsafeBufferPointer { Data(buffer: $0) }
    described.metadata[imagesKey] = pixels.base64EncodedString()
    described.metadata[shapeKey] = shape(images).map(String.init).joined(separator: ",")
    described.metadata[logitsKey] = bytes.base64EncodedString()
    described.metadata[hashKey] = SHA256.hexDigest(of: bytes)
    try asPruneError { () throws(NetworkError) in try described.save(to: url) }
  }

  /// Loads a network from the file alone and checks its proof.
  /// - Returns: the network, and the proof; nil for a self-describing file that carries none.
  /// - Throws: ``PruneError/proofFailed(path:detail:)`` if the answers differ, ``PruneError/network(_:)`` if the file is no
  ///   network.
  public static func load(_ url: URL) throws(PruneError) -> (network: Network, proof: Proof?) {
    let network = try asPruneError { () throws(NetworkError) in try Network(loading: url) }
    guard let encodedImages = network.metadata[imagesKey] else { return (network.withoutProof, nil) }
    let dimensions = (network.metadata[shapeKey] ?? "").split(separator: ",").compactMap { Int($0) }
    guard let pixels = Data(base64Encoded: encodedImages), dimensions.count == 4,
      dimensions.allSatisfy({ $0 > 0 && $0 < 1 << 20 }), pixels.count == dimensions.reduce(1, *),
      let stored = network.metadata[logitsKey].flatMap({ Data(base64Encoded: $0) }),
      let normalization = network.normalization
    else {
      throw .invalidFile(path: url.path, detail: "its proof metadata are incomplete or damaged; write the file again")
    }
    guard SHA256.hexDigest(of: stored) == network.metadata[hashKey] else {
      throw .proofFailed(path: url.path, detail: "the stored logits do not match their hash")
    }
    let logits = try self.logits(network, pixels: pixels, shape: dimensions, normalization: normalization)
    let expected = floats(stored)
    guard expected.count == logits.count else {
      throw .proofFailed(path: url.path, detail: "it holds \(expected.count) logits, the network gives \(logits.count)")
    }
    let difference = zip(expected, logits).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    let largest = expected.reduce(Float(1)) { max($0, abs($1)) }
    guard difference <= tolerance * largest else {
      throw .proofFailed(path: url.path, detail: "a logit differs by \(difference)")
    }
    return (
      network.withoutProof,
      Proof(images: dimensions[0], isIdentical: expected == logits, maximumDifference: difference)
    )
  }

  private static func shape(_ images: LabeledImages) -> [Int] {
    [images.count, images.height, images.width, images.channels]
  }

  private static func logits(
    _ network: Network, pixels: Data, shape: [Int], normalization: Normalization
  ) throws(PruneError) -> [Float] {
    guard Array(shape.dropFirst()) == network.inputShape, normalization.channels == shape[3] else {
      throw .shapeMismatch("proof images are \(shape), the network expects \(network.inputShape)")
    }
    let channels = shape[3]
    let scalars = pixels.enumerated().map { index, byte in
      (Float(byte) / 255 - normalization.mean[index % channels]) / normalization.std[index % channels]
    }
    return try network.evaluationLogits(Tensor(shape: shape, scalars)).scalars
  }

  private static func floats(_ data: Data) -> [Float] {
    data.withUnsafeBytes { buffer in
      (0..<buffer.count / 4).map { buffer.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }
}

extension Network {
  fileprivate var withoutProof: Network {
    var copy = self
    copy.metadata = metadata.filter { !$0.key.hasPrefix("proof_") }
    return copy
  }
}
