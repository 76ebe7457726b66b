import BasisN
import BasisSharing
import ClassAwarePruning
import LogicFlow
import PELNAS
import ReproductionKit

/// Everything the tool knows by name.
enum Registry {
  /// The experiments, one per paper.
  static let experiments: [any Experiment.Type] = [
    ClassAwarePruningExperiment.self, BasisNExperiment.self, LogicFlowExperiment.self, PELNASExperiment.self,
    BasisSharingExperiment.self,
  ]

  /// The experiment with that identifier.
  /// - Throws: ``UnknownName``.
  static func experiment(_ id: String) throws(UnknownName) -> any Experiment.Type {
    guard let experiment = experiments.first(where: { $0.id == id }) else {
      throw UnknownName(kind: "experiment", name: id, known: experiments.map { $0.id })
    }
    return experiment
  }
}

/// A name that nothing answers to.
struct UnknownName: Error, CustomStringConvertible {
  let kind: String
  let name: String
  let known: [String]

  var description: String {
    "there is no \(kind) '\(name)'; known are \(known.joined(separator: ", ")) (`hardwise list`)"
  }
}
