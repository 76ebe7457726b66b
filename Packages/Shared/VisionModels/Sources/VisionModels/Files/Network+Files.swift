import Foundation
import JSONC
import TinyNN
import TinyTensor

extension Network {
  /// Metadata key that holds the graph.
  static let architectureKey = "architecture"

  /// Opens a checkpoint with its graph.
  ///
  /// The graph comes from the file's `"architecture"` metadata: the JSON that ``save(to:precision:extraMetadata:)``
  /// writes, or the name of a known model. For a plain PyTorch checkpoint name the model.
  /// - Parameters:
  ///   - url: a safetensors file.
  ///   - model: name for ``Models/named(_:classes:)``, used instead of the metadata; the number of classes is read from
  ///     the classifier's shape.
  ///   - customOperations: builders of the custom operations that occur, by kind.
  /// - Throws: ``NetworkError/invalidFile(path:detail:)`` or ``NetworkError/parameters(_:)`` with every problem at once.
  public init(
    loading url: URL, model: String? = nil, customOperations: [String: CustomOperationFactory] = [:]
  ) throws(NetworkError) {
    let file = try Self.open(url)
    self = try Self.graph(of: file, model: model, customOperations)
    try loadParameters(from: file)
  }

  /// Writes a self-describing safetensors checkpoint (through a temporary file), with PyTorch's tensor names.
  /// - Parameters:
  ///   - precision: Float16 halves the file; loading widens again.
  ///   - extraMetadata: written beside ``metadata``.
  public func save(
    to url: URL, precision: SafeTensors.Precision = .float32, extraMetadata: [String: String] = [:]
  ) throws(NetworkError) {
    try validateParameters()
    var entries = metadata.merging(extraMetadata) { $1 }
    do {
      let architecture = try JSON.encode(NetworkArchitecture(self))
      entries[Self.architectureKey] = String(decoding: architecture, as: UTF8.self)
      let tensors = parameterSpecifications.compactMap { specification in
        parameters[specification.name].map { (specification.name, $0) }
      }
      try SafeTensors.write(tensors, metadata: entries, to: url, precision: precision)
    } catch {
      throw .invalidFile(path: url.path, detail: "could not be written: \(error)")
    }
  }

  /// Reads tensors by name from a safetensors file (this project's or PyTorch's).
  /// - Returns: with `strict` off, what did not fit and was skipped.
  /// - Throws: with `strict`, ``NetworkError/parameters(_:)`` listing every missing, unexpected and mis-shaped tensor;
  ///   NaN and infinity are errors either way. The network is unchanged on error.
  @discardableResult
  public mutating func loadParameters(
    from url: URL, strict: Bool = true
  ) throws(NetworkError) -> [NetworkError.ParameterProblem] {
    try loadParameters(from: Self.open(url), strict: strict)
  }

  /// Reads tensors by name from an open safetensors file. `num_batches_tracked` counters of PyTorch are ignored.
  @discardableResult
  public mutating func loadParameters(
    from file: SafeTensors, strict: Bool = true
  ) throws(NetworkError) -> [NetworkError.ParameterProblem] {
    var given: [String: Tensor] = [:]
    for name in file.names where !name.hasSuffix("num_batches_tracked") {
      given[name] = try Self.tensor(name, file)
    }
    let specifications = parameterSpecifications
    let problems = Self.problems(in: given, for: specifications)
    let isFatal = problems.contains { problem in
      if case .notFinite = problem { true } else { false }
    }
    guard problems.isEmpty || !(strict || isFatal) else { throw .parameters(problems) }
    for specification in specifications {
      if let tensor = given[specification.name], tensor.shape == specification.shape {
        parameters[specification.name] = tensor
      }
    }
    for (key, value) in file.metadata where key != Self.architectureKey { metadata[key] = value }
    return problems
  }

  // MARK: - Parts

  private static func graph(
    of file: SafeTensors, model: String?, _ customOperations: [String: CustomOperationFactory]
  ) throws(NetworkError) -> Network {
    let described = file.metadata[architectureKey]
    if model == nil, let described, described.hasPrefix("{") {
      let architecture: NetworkArchitecture
      do {
        architecture = try JSON.decode(NetworkArchitecture.self, from: Data(described.utf8))
      } catch {
        throw .invalidFile(
          path: file.url.path, detail: "its architecture metadata are not a network graph (\(error)); write it again")
      }
      return try architecture.network(customOperations: customOperations)
    }
    guard let name = model ?? described.map(modelName) else {
      throw .invalidFile(
        path: file.url.path,
        detail: "has no \"architecture\" metadata; name the model, so that its graph is built first")
    }
    let network = try Models.named(name)
    let classifier = network.parameterSpecifications.last { $0.role == .weight && $0.shape.count == 2 }
    guard let classifier, let classes = file.entry(classifier.name)?.shape.first, classes > 0 else { return network }
    return try Models.named(name, classes: classes)
  }

  /// `resnet20-cifar-optionA` is what published conversions call `resnet20`.
  private static func modelName(_ described: String) -> String {
    described.hasSuffix("-cifar-optionA") ? String(described.dropLast("-cifar-optionA".count)) : described
  }

  private static func tensor(_ name: String, _ file: SafeTensors) throws(NetworkError) -> Tensor {
    do {
      return try file.tensor(name)
    } catch {
      throw .invalidFile(path: file.url.path, detail: "\(error)")
    }
  }

  private static func open(_ url: URL) throws(NetworkError) -> SafeTensors {
    do {
      return try SafeTensors(mapping: url)
    } catch {
      throw .invalidFile(path: url.path, detail: "\(error)")
    }
  }
}
