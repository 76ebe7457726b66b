import Foundation
import JSONC

/// A real-valued ReLU network in a box of inputs (`logicflow-float/1`): what activation regions are counted in.
public struct RealNetwork: Codable, Sendable, Hashable {
  /// The `format` field.
  public static let currentFormat = "logicflow-float/1"

  /// One layer.
  public struct Layer: Codable, Sendable, Hashable {
    /// `[output][input]`.
    public var weights: [[Double]]
    /// `[output]`.
    public var bias: [Double]

    /// Creates a layer.
    public init(weights: [[Double]], bias: [Double]) {
      self.weights = weights
      self.bias = bias
    }
  }

  /// ``currentFormat``.
  public var format: String
  /// Smallest and largest value of every input.
  public var box: [Double]
  /// Hidden layers with ReLU, then a linear layer.
  public var layers: [Layer]

  /// Checks shapes and values.
  public init(box: [Double], layers: [Layer]) throws(LogicFlowError) {
    format = Self.currentFormat
    self.box = box
    self.layers = layers
    try validate()
  }

  /// Reads and checks a file.
  public init(reading url: URL) throws(LogicFlowError) {
    do { self = try JSON.read(RealNetwork.self, from: url) } catch let error as JSONError { throw .json(error) } catch {
      throw .invalidNetwork(path: url.lastPathComponent, reason: "\(error)")
    }
    try validate()
  }

  /// Inputs.
  public var inputs: Int { layers[0].weights[0].count }

  private func validate() throws(LogicFlowError) {
    guard format == Self.currentFormat else {
      throw .invalidNetwork(path: "format", reason: "'\(format)' is unknown, expected '\(Self.currentFormat)'")
    }
    guard box.count == 2, box[0].isFinite, box[1].isFinite, box[0] < box[1] else {
      throw .invalidNetwork(path: "box", reason: "expected [lower, upper]")
    }
    guard layers.count >= 2 else { throw .invalidNetwork(path: "layers", reason: "expected two layers or more") }
    var width = layers[0].weights.first?.count ?? 0
    for (index, layer) in layers.enumerated() {
      guard width > 0, !layer.weights.isEmpty, layer.weights.allSatisfy({ $0.count == width }) else {
        throw .invalidNetwork(path: "layers[\(index)].weights", reason: "expected rows of \(max(width, 1)) weights")
      }
      guard layer.bias.count == layer.weights.count else {
        throw .invalidNetwork(
          path: "layers[\(index)].bias", reason: "\(layer.bias.count) for \(layer.weights.count) outputs")
      }
      guard layer.bias.allSatisfy(\.isFinite), layer.weights.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
        throw .invalidNetwork(path: "layers[\(index)]", reason: "a value is NaN or infinite")
      }
      width = layer.weights.count
    }
  }
}
