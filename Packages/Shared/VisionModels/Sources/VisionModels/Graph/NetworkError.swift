/// What can be wrong with a network, its tensors, its files or its training.
///
/// ``description`` is one line: what, where, and how to mend it.
public enum NetworkError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The node list is empty or does not begin with exactly one `.input`.
  case missingInput(network: String)
  /// Two nodes have the same name.
  case duplicateNode(String)
  /// A node reads, or a caller names, a node that does not exist (or comes later in the list).
  case unknownNode(String, referencedBy: String)
  /// A node has the wrong number of inputs.
  case wrongInputCount(node: String, expected: String, got: Int)
  /// A node cannot process the shapes it is given.
  case shapeMismatch(node: String, detail: String)
  /// An attribute makes no sense (zero stride, groups that do not divide, …).
  case invalidAttribute(node: String, detail: String)
  /// Tensors that do not fit the network: all of them at once.
  case parameters([ParameterProblem])
  /// A model name nobody knows.
  case unknownModel(String, known: [String])
  /// A builder was asked for something that does not exist (depth 21, an empty cell string, …).
  case invalidModel(String)
  /// A custom operation was read from a file, but its package did not supply it.
  case unresolvedOperation(node: String, kind: String)
  /// The input batch does not fit the network.
  case invalidBatch(expected: [Int], got: [Int])
  /// A file could not be read or does not describe a network.
  case invalidFile(path: String, detail: String)
  /// An operation is not supported where it was used.
  case unsupported(node: String, detail: String)

  /// A training run cannot start: impossible settings or data.
  case invalidTraining(String)
  /// A training checkpoint does not belong to this run.
  case staleCheckpoint(path: String, detail: String)

  /// One tensor that does not fit.
  public enum ParameterProblem: Sendable, Equatable, CustomStringConvertible {
    /// The network has it, the source has not.
    case missing(String)
    /// The source has it, the network has not.
    case unexpected(String)
    /// The shapes differ.
    case wrongShape(String, expected: [Int], got: [Int])
    /// A value is NaN or infinite.
    case notFinite(String, index: Int)

    /// The tensor and what is wrong with it.
    public var description: String {
      switch self {
      case .missing(let name): "\(name) is missing"
      case .unexpected(let name): "\(name) is not part of the network"
      case .wrongShape(let name, let expected, let got): "\(name) has shape \(got), expected \(expected)"
      case .notFinite(let name, let index): "\(name) has a NaN or infinity at flat index \(index)"
      }
    }
  }

  /// One line: what was wrong, where, and how to mend it.
  public var description: String {
    switch self {
    case .missingInput(let network):
      "network \(network): the first node, and only it, must be the input; start the list with Node(op: .input)"
    case .duplicateNode(let name):
      "two nodes are called \(name); give each node its own name"
    case .unknownNode(let name, let reader):
      "\(reader) refers to node \(name), which does not exist before it; add it first or correct the name"
    case .wrongInputCount(let node, let expected, let got):
      "node \(node) has \(got) inputs, expected \(expected); correct its input list"
    case .shapeMismatch(let node, let detail):
      "node \(node): \(detail); make the shapes agree"
    case .invalidAttribute(let node, let detail):
      "node \(node): \(detail); correct the attribute"
    case .parameters(let problems):
      "\(problems.count) tensor\(problems.count == 1 ? "" : "s") do not fit: "
        + problems.map(\.description).joined(separator: "; ") + "; use weights made for this architecture"
    case .unknownModel(let name, let known):
      "unknown model \(name); known models: \(known.joined(separator: ", "))"
    case .invalidModel(let detail):
      "cannot build the model: \(detail)"
    case .unresolvedOperation(let node, let kind):
      "node \(node) is a custom operation of kind \(kind); load the network through the package that defines it"
    case .invalidBatch(let expected, let got):
      "the batch has shape \(got), expected [n, \(expected.map(String.init).joined(separator: ", "))]; resize the images"
    case .invalidFile(let path, let detail):
      // Errors of the floor below name the file already.
      detail.hasPrefix(path) ? detail : "\(path): \(detail)"
    case .unsupported(let node, let detail):
      "node \(node): \(detail)"
    case .invalidTraining(let detail):
      detail
    case .staleCheckpoint(let path, let detail):
      "\(path) belongs to another run: \(detail); delete it or restore the settings it was made with"
    }
  }

  /// The same error, told about the node it happened in (custom operations do not know their node's name).
  func located(at name: String) -> NetworkError {
    switch self {
    case .shapeMismatch("", let detail): .shapeMismatch(node: name, detail: detail)
    case .invalidAttribute("", let detail): .invalidAttribute(node: name, detail: detail)
    case .unresolvedOperation("", let kind): .unresolvedOperation(node: name, kind: kind)
    case .unsupported("", let detail): .unsupported(node: name, detail: detail)
    default: self
    }
  }
}
