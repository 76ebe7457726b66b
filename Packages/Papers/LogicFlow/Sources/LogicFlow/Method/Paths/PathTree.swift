import LogicFlowVerify

/// A path of the decision tree that some sample took.
public struct Path: Sendable, Hashable {
  /// Signs of all hidden neurons.
  public let pattern: SignPattern
  /// Samples that took it.
  public var visits: Int
  /// The classes that the network gave to these samples, ascending.
  public var outcomes: [Int]
}

/// The network as a decision tree, as far as samples visit it (specification 2.2): paths, most visited first.
public struct PathTree: Sendable {
  /// The network.
  public let network: IntegerNetwork
  /// Distinct paths, most visited first, in the order of first visit among equals.
  public let paths: [Path]
  /// Rows that were counted.
  public let samples: Int

  /// Follows every row of `features` (row-major); memory grows with the number of paths only.
  public init(_ network: IntegerNetwork, features: [UInt8]) {
    self.network = network
    let classifier = BatchClassifier(network)
    var positions: [SignPattern: Int] = [:]
    var found: [Path] = []
    let rows = features.count / network.inputs
    for start in stride(from: 0, to: rows, by: 65_536) {
      let end = min(start + 65_536, rows)
      for (outcome, pattern) in classifier.paths(Array(features[start * network.inputs..<end * network.inputs])) {
        if let position = positions[pattern] {
          found[position].visits += 1
          if !found[position].outcomes.contains(outcome) { found[position].outcomes.append(outcome) }
        } else {
          positions[pattern] = found.count
          found.append(Path(pattern: pattern, visits: 1, outcomes: [outcome]))
        }
      }
    }
    for index in found.indices { found[index].outcomes.sort() }
    samples = rows
    paths = found.enumerated().sorted { ($1.element.visits, $0.offset) < ($0.element.visits, $1.offset) }.map(\.element)
  }
}
