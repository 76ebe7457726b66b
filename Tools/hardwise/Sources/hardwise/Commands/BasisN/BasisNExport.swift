import BasisN
import ImageDataset
import VisionModels

/// A trained code as a model with input ranges from training images.
enum BasisNExport {
  static func model(
    _ code: BasisCode, network: Network, images: LabeledImages, normalization: Normalization
  ) throws -> BasisNModel {
    var network = network
    network.normalization = normalization
    let batch = images.batch(0..<min(64, images.count), normalization: normalization).images
    let inputs = try LayerInputs(of: code.layers.map(\.shape.name), in: network, images: batch)
    return try BasisNModel(code, network: network, inputs: inputs.quantizers())
  }
}
