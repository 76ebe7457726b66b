import FileKit
import Foundation
import TinyNN
import TinyTensor

/// Brings float networks in that were trained elsewhere: safetensors files with PyTorch's names, and `numpy.savez` archives.
public enum NetworkImport {
  /// What the network was trained on.
  public enum Inputs: String, Sendable, CaseIterable {
    /// Features scaled to 0...1 by their smallest and largest training values.
    case scaled
    /// Features as they are in the table.
    case raw
  }

  /// Reads linear layers, and batch normalisations between them, which are folded into the layer before.
  ///
  /// A layer is a matrix with a vector of biases beside it: `fc1.weight` and `fc1.bias` in a safetensors file, in the order of
  /// their names with numbers compared as numbers; any matrix followed by its vector in an archive, `[output, input]` or
  /// `[input, output]`.
  public static func read(_ url: URL) throws(LogicFlowError) -> FloatNetwork {
    let layers = try url.pathExtension == "npz" ? archive(url) : safetensors(url)
    guard layers.count >= 2 else {
      throw .invalidNetwork(
        path: url.lastPathComponent, reason: "\(layers.count) linear layers, expected two or more")
    }
    for (index, pair) in zip(layers, layers.dropFirst()).enumerated()
    where pair.1.weight.shape[1] != pair.0.weight.shape[0] {
      throw .invalidNetwork(
        path: "layers[\(index + 1)]",
        reason: "\(pair.1.weight.shape[1]) inputs behind a layer of \(pair.0.weight.shape[0]) outputs")
    }
    return FloatNetwork(layers: layers)
  }

  /// A network of raw features as a network of the scaled ones: `w·x = w·minimum + (w·255·step)·u`.
  public static func scaled(_ network: FloatNetwork, by scaler: FeatureScaler) throws(LogicFlowError) -> FloatNetwork {
    var network = network
    let (outputs, inputs) = (network.layers[0].weight.shape[0], network.layers[0].weight.shape[1])
    guard scaler.step.count == inputs else {
      throw .mismatch("the table has \(scaler.step.count) features, the network \(inputs)")
    }
    for output in 0..<outputs {
      for input in 0..<inputs {
        let weight = network.layers[0].weight[output, input]
        network.layers[0].bias[output] += weight * scaler.minimum[input]
        network.layers[0].weight[output, input] = weight * 255 * scaler.step[input]
      }
    }
    return network
  }

  private static func layer(_ weight: Tensor, _ bias: Tensor, _ name: String) throws(LogicFlowError)
    -> FloatNetwork.Layer
  {
    guard weight.isFinite, bias.isFinite else {
      throw .invalidNetwork(path: name, reason: "a value is NaN or infinite")
    }
    if weight.shape[0] == bias.count { return FloatNetwork.Layer(weight: weight, bias: bias) }
    guard weight.shape[1] == bias.count else {
      throw .invalidNetwork(path: name, reason: "weights \(weight.shape) beside \(bias.count) biases")
    }
    return FloatNetwork.Layer(weight: weight.transposed, bias: bias)
  }

  private static func archive(_ url: URL) throws(LogicFlowError) -> [FloatNetwork.Layer] {
    let archive = try NumpyArchive(reading: url)
    let arrays = archive.names.compactMap { name in archive[name].map { (name: name, value: $0) } }
    let (matrices, vectors) = (arrays.filter { $0.value.rank == 2 }, arrays.filter { $0.value.rank == 1 })
    guard matrices.count == vectors.count else {
      throw .invalidNetwork(
        path: url.lastPathComponent, reason: "\(matrices.count) matrices but \(vectors.count) vectors of biases")
    }
    var layers: [FloatNetwork.Layer] = []
    for (matrix, vector) in zip(matrices, vectors) {
      layers.append(try layer(matrix.value, vector.value, matrix.name))
    }
    return layers
  }

  private static func safetensors(_ url: URL) throws(LogicFlowError) -> [FloatNetwork.Layer] {
    var tensors: [String: Tensor]
    do { tensors = try SafeTensors(mapping: url).tensors() } catch {
      throw .invalidNetwork(path: url.lastPathComponent, reason: "\(error)")
    }
    let groups = Set(tensors.keys.map { $0.split(separator: ".").dropLast().joined(separator: ".") }).sorted {
      $0.compare($1, options: .numeric) == .orderedAscending
    }
    var layers: [FloatNetwork.Layer] = []
    for group in groups {
      func take(_ part: String) -> Tensor? { tensors.removeValue(forKey: group.isEmpty ? part : group + "." + part) }
      let (weight, bias, mean, variance) = (take("weight"), take("bias"), take("running_mean"), take("running_var"))
      _ = take("num_batches_tracked")
      if let weight, weight.rank == 2 {
        layers.append(try layer(weight, bias ?? Tensor(zeros: [weight.shape[0]]), group))
      } else if let mean, let variance, let last = layers.indices.last {
        layers[last] = try folded(layers[last], mean, variance, weight, bias, group)
      } else {
        throw .invalidNetwork(path: group, reason: "neither a linear layer nor a batch normalisation behind one")
      }
    }
    if let name = tensors.keys.min() { throw .invalidNetwork(path: name, reason: "no part of a linear layer") }
    return layers
  }

  /// The layer with the normalisation inside: `(y − mean) · γ / √(variance + 1e-5) + β`.
  private static func folded(
    _ layer: FloatNetwork.Layer, _ mean: Tensor, _ variance: Tensor, _ gamma: Tensor?, _ beta: Tensor?, _ name: String
  ) throws(LogicFlowError) -> FloatNetwork.Layer {
    let (outputs, inputs) = (layer.weight.shape[0], layer.weight.shape[1])
    guard [mean, variance, gamma ?? mean, beta ?? mean].allSatisfy({ $0.count == outputs && $0.isFinite }),
      variance.scalars.allSatisfy({ $0 >= 0 })
    else { throw .invalidNetwork(path: name, reason: "expected \(outputs) finite means and variances") }
    var layer = layer
    for output in 0..<outputs {
      let factor = (gamma?[output] ?? 1) / (variance[output] + 1e-5).squareRoot()
      layer.bias[output] = (layer.bias[output] - mean[output]) * factor + (beta?[output] ?? 0)
      for input in 0..<inputs { layer.weight[output, input] *= factor }
    }
    return layer
  }
}
