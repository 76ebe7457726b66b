import ImageDataset
import TinyNN
import TinyTensor
import VisionModels

/// What the mapped layers of a network see on some images: the basis of all calibration.
public struct LayerInputs: Sendable {
  /// Inputs of every layer by name, `[images, height, width, channels]` or `[images, features]`.
  public let tensors: [String: Tensor]

  /// Runs the float network on images.
  /// - Parameters:
  ///   - layers: names of convolutions and linear layers.
  ///   - images: normalised images `[images, height, width, channels]`.
  public init(of layers: [String], in network: Network, images: Tensor) throws(BasisNError) {
    var tensors: [String: Tensor] = [:]
    var wanted: [String: [String]] = [:]
    for layer in layers {
      guard let source = network.node(named: layer)?.inputs.first else {
        throw .mismatch("layer \(layer) is not in \(network.name)")
      }
      wanted[source, default: []].append(layer)
    }
    do {
      let parameters = try ParameterSet(network, trainable: false)
      _ = try network.forward(Variable(images), parameters: parameters) { node, output in
        for layer in wanted[node] ?? [] { tensors[layer] = output.value }
      }
    } catch {
      throw .network(error)
    }
    self.tensors = tensors
  }

  /// Roundings that cover what was seen: all of signed inputs, the 99.99th percentile of inputs that are never negative.
  public func quantizers(bits: Int = 8) throws(BasisNError) -> [String: InputQuantizer] {
    var result: [String: InputQuantizer] = [:]
    for (name, tensor) in tensors {
      let lower = tensor.min()
      guard lower >= 0 else {
        result[name] = try InputQuantizer(covering: lower, tensor.max(), bits: bits)
        continue
      }
      var observer = CalibrationObserver()
      observer.observe(tensor)
      let range = QuantizationRange.unsigned(bits: bits)
      let scale = observer.scale(.percentile(99.99), range: range)
      result[name] = try InputQuantizer(covering: 0, scale * Float(range.upper), bits: bits)
    }
    return result
  }
}
