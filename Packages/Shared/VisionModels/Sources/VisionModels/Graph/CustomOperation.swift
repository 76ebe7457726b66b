import TinyNN
import TinyTensor

/// An operation brought by another package, as a node of a ``Network``: quantised or encoded arithmetic, basis filters,
/// crossbars, optical layers.
///
/// The network calls ``forward(_:parameters:mode:)`` with the parameters under their local names. Build the result from
/// TinyNN functions, or from `Variable.custom` with a hand-written gradient.
public protocol CustomOperation: Sendable {
  /// Stable identifier of the kind, e.g. `"basisn.conv"`; written to files.
  var kind: String { get }
  /// The attributes as JSON text, from which ``NetworkArchitecture`` can rebuild the operation.
  var configuration: String { get }
  /// The tensors the operation owns, with local names.
  var parameterSpecifications: [ParameterSpecification] { get }
  /// Shape of the output without the batch dimension.
  /// - Parameter inputs: shapes of the inputs without the batch dimension, `[h, w, c]` or `[features]`.
  /// - Throws: ``NetworkError/shapeMismatch(node:detail:)`` with an empty node name; the network fills it in.
  func outputShape(inputs: [[Int]]) throws(NetworkError) -> [Int]
  /// Multiply-accumulates for one image.
  func macs(inputs: [[Int]], output: [Int]) -> Int
  /// Computes the output.
  func forward(_ inputs: [Variable], parameters: [String: Variable], mode: ForwardMode) throws(NetworkError) -> Variable
  /// A fresh value of one of the operation's tensors, for ``Network/initialize(seed:_:)``.
  func initialValue(of specification: ParameterSpecification, using generator: inout Philox) -> Tensor
}

extension CustomOperation {
  /// He-normal over the trailing dimensions for trained tensors of rank 2 and more, zero for all others.
  public func initialValue(of specification: ParameterSpecification, using generator: inout Philox) -> Tensor {
    guard specification.role == .custom, specification.shape.count >= 2, specification.count > 0 else {
      return Tensor(zeros: specification.shape)
    }
    let fanIn = specification.count / specification.shape[0]
    return .normal(specification.shape, standardDeviation: (2 / Float(fanIn)).squareRoot(), using: &generator)
  }
}

/// Whether batch statistics and dropout are live.
public enum ForwardMode: Sendable, Hashable {
  /// Running statistics, no dropout.
  case evaluation
  /// Batch statistics (the running ones are updated), dropout drawn from `(seed, node, step)`.
  case training(seed: UInt64 = 0, step: Int = 0)

  /// Whether this is a training pass.
  public var isTraining: Bool {
    if case .training = self { true } else { false }
  }
}

/// Stands for a custom operation read from a file until its package puts the real one in its place
/// (``Network/resolveCustomOperations(_:)``).
public struct UnresolvedOperation: CustomOperation {
  /// The kind named in the file.
  public let kind: String
  /// The configuration found in the file.
  public let configuration: String
  /// None: the real operation knows them.
  public var parameterSpecifications: [ParameterSpecification] { [] }

  /// Creates the placeholder.
  public init(kind: String, configuration: String) {
    self.kind = kind
    self.configuration = configuration
  }

  /// Always throws ``NetworkError/unresolvedOperation(node:kind:)``.
  public func outputShape(inputs: [[Int]]) throws(NetworkError) -> [Int] {
    throw .unresolvedOperation(node: "", kind: kind)
  }

  /// Zero: unknown.
  public func macs(inputs: [[Int]], output: [Int]) -> Int { 0 }

  /// Always throws ``NetworkError/unresolvedOperation(node:kind:)``.
  public func forward(
    _ inputs: [Variable], parameters: [String: Variable], mode: ForwardMode
  ) throws(NetworkError) -> Variable {
    throw .unresolvedOperation(node: "", kind: kind)
  }
}
