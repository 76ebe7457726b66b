import TinyTensor

/// A function with parameters: the building block for small networks written by hand.
///
/// Parameters carry PyTorch-style names, so that ``SafeTensors`` files exchange with PyTorch.
public protocol Module {
  /// All parameters, in a fixed order.
  var parameters: [Variable] { get }
  /// Computes the output.
  func callAsFunction(_ x: Variable) -> Variable
}

extension Module {
  /// Parameters by name, for writing a checkpoint.
  public var namedTensors: [(String, Tensor)] {
    parameters.enumerated().map { ($1.name ?? "#\($0)", $1.value) }
  }

  /// Takes the values of all parameters from a file.
  /// - Throws: ``SafeTensorsError/missingTensor(path:tensor:)`` for an absent parameter and
  ///   ``SafeTensorsError/invalidEntry(path:tensor:problem:)`` for one of another shape; nothing is changed then.
  public func load(from file: SafeTensors) throws(SafeTensorsError) {
    var values: [Tensor] = []
    for (position, parameter) in parameters.enumerated() {
      let name = parameter.name ?? "#\(position)"
      let value = try file.tensor(name)
      guard value.shape == parameter.shape else {
        throw .invalidEntry(
          path: file.url.path, tensor: name, problem: "shape \(value.shape), the network has \(parameter.shape)")
      }
      values.append(value)
    }
    for (parameter, value) in zip(parameters, values) { parameter.value = value }
  }
}
