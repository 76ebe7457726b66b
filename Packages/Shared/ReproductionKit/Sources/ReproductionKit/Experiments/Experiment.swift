/// The reproduction of one paper: runs its method at a scale and answers with claims, tables and charts.
///
/// An experiment holds no algorithm: it calls the package's method, hardware model and baselines and arranges the outcome.
public protocol Experiment: Sendable {
  /// The package name in lower case; also the CLI word, the make target and the folder in `runs/`.
  static var id: String { get }
  /// One line that says what is reproduced.
  static var title: String { get }
  /// The paper.
  static var citation: Citation { get }

  /// Experiments are made without arguments; everything variable comes from the context.
  init()

  /// Runs the experiment.
  ///
  /// Implementations call ``RunContext/checkCancellation()`` in long loops and wrap long parts into
  /// ``RunContext/step(_:as:onCorruption:isolation:_:)`` so that an interrupted run resumes.
  func run(_ context: RunContext) async throws -> Report
}

/// Identifier, title and citation of an experiment as a value.
public struct ExperimentDescription: Sendable, Codable, Hashable {
  /// The experiment's identifier.
  public let id: String
  /// The experiment's title.
  public let title: String
  /// The paper; `nil` for pipelines and other runs that reproduce none.
  public let citation: Citation?

  /// A description, for runs that are not an ``Experiment``, such as pipelines.
  public init(id: String, title: String, citation: Citation? = nil) {
    self.id = id
    self.title = title
    self.citation = citation
  }

  /// The description of an experiment type.
  public init(_ experiment: any Experiment.Type) {
    self.init(id: experiment.id, title: experiment.title, citation: experiment.citation)
  }
}
