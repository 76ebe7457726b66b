import Foundation

/// Collects, from any thread, what a run leaves behind besides its results: data used, notes, artefacts, replayed time.
final class RunRecorder: Sendable {
  struct Record {
    var sources: [DataSource] = []
    var notes: [String] = []
    var artefacts: [String] = []
    var replayedSteps: [String] = []
    var replayedSeconds = 0.0
  }

  private let record = Locked(Record())
  private let start = ContinuousClock.now
  let startedAt = RunFolder.isoText(Date())

  /// What was collected so far.
  var current: Record { record.withLock { $0 } }

  /// Seconds since the run began in this process.
  var elapsedSeconds: Double { (ContinuousClock.now - start).seconds }

  func add(_ source: DataSource) {
    record.withLock { record in
      if !record.sources.contains(where: { $0.name == source.name && $0.origin == source.origin }) {
        record.sources.append(source)
      }
    }
  }

  /// Adds a resolved entry; its hash is computed only the first time.
  func add(_ resolved: ResolvedData) {
    let isKnown = record.withLock {
      $0.sources.contains { $0.name == resolved.entry.name && $0.origin == resolved.origin }
    }
    if !isKnown { add(resolved.source()) }
  }

  func note(_ text: String) {
    record.withLock { if !$0.notes.contains(text) { $0.notes.append(text) } }
  }

  func addArtefact(_ path: String) {
    record.withLock { if !$0.artefacts.contains(path) { $0.artefacts.append(path) } }
  }

  func addReplay(_ step: String, seconds: Double) {
    record.withLock {
      $0.replayedSteps.append(step)
      $0.replayedSeconds += seconds
    }
  }
}
