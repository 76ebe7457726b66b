import FileKit
import Foundation
import JSONC

/// Everything an interrupted search needs; written after every generation.
///
/// There is no generator state: every call has a generator of its own, named by generation, niche and attempt, so that a resumed
/// search draws what the uninterrupted one would have drawn.
public struct SearchState: Sendable, Hashable, Codable {
  /// What is searched, for recognition.
  public var task: String
  /// Name of the partition.
  public var partition: String
  /// Who proposes.
  public var proposer: ProposerIdentity
  /// Settings.
  public var configuration: SearchConfiguration
  /// Generations that are complete; −1 before the initial cells.
  public var completedGenerations = -1
  /// All evaluated cells, in order.
  public var evaluated: [EvaluatedCell] = []
  /// Rules by niche.
  public var rules: [[Rule]]
  /// Counts.
  public var counters = SearchCounters()

  /// Reads a state and checks that it belongs to this search.
  static func read(_ url: URL, expected: SearchState) throws(PELNASError) -> SearchState {
    let state: SearchState
    do {
      state = try JSON.read(SearchState.self, from: url)
    } catch {
      throw .badFile(path: url.path, problem: "not the state of a search (\(error)); delete it to start again")
    }
    let pairs = [
      ("task", state.task, expected.task), ("partition", state.partition, expected.partition),
      ("proposer", state.proposer.text, expected.proposer.text),
      ("settings", "\(state.configuration)", "\(expected.configuration)"),
    ]
    if let pair = pairs.first(where: { $0.1 != $0.2 }) {
      throw .foreignState(path: url.path, difference: "\(pair.0): \(pair.1), not \(pair.2)")
    }
    return state
  }

  /// Writes the state in one step.
  func write(to url: URL) throws(PELNASError) {
    do {
      try AtomicFile.write(JSON.encode(self), to: url)
    } catch {
      throw .badFile(path: url.path, problem: "cannot be written (\(error))")
    }
  }
}
