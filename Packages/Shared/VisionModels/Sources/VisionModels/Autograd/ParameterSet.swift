import TinyNN
import TinyTensor

/// The tensors of a ``Network`` as autograd leaves: what an optimiser steps and a forward pass reads.
///
/// A set belongs to one graph structure and one thread of execution. Write the trained values back with
/// ``write(to:)``.
public final class ParameterSet {
  /// A trainable tensor.
  public struct Entry {
    /// Full name, e.g. `"conv1.weight"`.
    public let name: String
    /// What it is for.
    public let role: ParameterSpecification.Role
    /// The autograd leaf.
    public let variable: Variable
  }

  /// The trainable tensors in graph order; frozen ones are not among them.
  public let trainable: [Entry]
  /// Running statistics of every batch-norm node, by node name; training forward passes update them.
  public let batchNormStates: [String: BatchNormState]
  /// The running statistics as variables, in graph order.
  public let statistics: [Variable]

  private let variables: [String: Variable]

  /// Makes leaves out of the network's tensors.
  /// - Parameter trainable: whether parameters require gradients; frozen ones and buffers never do.
  /// - Throws: ``NetworkError/parameters(_:)`` if tensors are missing, mis-shaped or not finite.
  public init(_ network: Network, trainable: Bool = true) throws(NetworkError) {
    try network.validateParameters()
    var variables: [String: Variable] = [:]
    var states: [String: BatchNormState] = [:]
    var statistics: [Variable] = []
    var entries: [Entry] = []
    for node in network.nodes {
      for specification in node.parameterSpecifications {
        guard let value = network.parameters[specification.name] else { continue }
        let learns =
          trainable && specification.role.isTrainable && !network.frozenParameters.contains(specification.name)
        let variable = Variable(value, requiresGradient: learns, name: specification.name)
        variables[specification.name] = variable
        if learns { entries.append(Entry(name: specification.name, role: specification.role, variable: variable)) }
      }
      guard case .batchNorm = node.op, let mean = variables[node.name + ".running_mean"],
        let variance = variables[node.name + ".running_var"]
      else { continue }
      states[node.name] = BatchNormState(runningMean: mean, runningVariance: variance)
      statistics += [mean, variance]
    }
    self.variables = variables
    self.trainable = entries
    self.statistics = statistics
    batchNormStates = states
  }

  /// The leaf of a parameter, or the variable of a buffer.
  public subscript(name: String) -> Variable? { variables[name] }

  /// The leaf of a parameter.
  /// - Throws: ``NetworkError/parameters(_:)`` if the set was made from another graph.
  func variable(_ name: String) throws(NetworkError) -> Variable {
    guard let variable = variables[name] else { throw .parameters([.missing(name)]) }
    return variable
  }

  /// The trainable leaves in graph order.
  public var all: [Variable] { trainable.map(\.variable) }

  /// Forgets all gradients.
  public func clearGradients() {
    for entry in trainable { entry.variable.clearGradient() }
  }

  /// Copies all values, running statistics included, into a network of the same structure.
  public func write(to network: inout Network) {
    for (name, variable) in variables { network.parameters[name] = variable.value }
  }
}
