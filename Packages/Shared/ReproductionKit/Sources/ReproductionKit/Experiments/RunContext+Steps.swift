import Foundation

extension RunContext {
  /// What happens when a saved step result cannot be read back.
  public enum CorruptionPolicy: Sendable {
    /// Compute the step again and say so in the report.
    case recompute
    /// Throw ``RunError/corruptedCheckpoint(path:step:reason:)``.
    case fail
  }

  /// Runs a step, or replays its saved result in a resumed run.
  ///
  /// The result is saved atomically under `checkpoints/` as soon as the step ends. Results must encode as JSON without NaN or
  /// infinity; large arrays belong into a ``fileStep(_:isolation:_:)``.
  ///
  /// - Parameters:
  ///   - name: the step's name, unique in the run.
  ///   - type: the type of the result.
  ///   - onCorruption: what to do when a saved result cannot be read.
  ///   - body: computes the result.
  /// - Throws: what `body` throws, ``Interrupted``, ``RunError``, `FileError`.
  public func step<Value: Codable>(
    _ name: String, as type: Value.Type = Value.self, onCorruption: CorruptionPolicy = .recompute,
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
  ) async throws -> Value {
    if let saved = try replay(name, as: type, onCorruption) { return saved }
    let start = ContinuousClock.now
    let value = try await body()
    return try save(value, name, since: start)
  }

  /// ``step(_:as:onCorruption:isolation:_:)`` for code that is not asynchronous.
  public func step<Value: Codable>(
    _ name: String, as type: Value.Type = Value.self, onCorruption: CorruptionPolicy = .recompute,
    _ body: () throws -> Value
  ) throws -> Value {
    if let saved = try replay(name, as: type, onCorruption) { return saved }
    let start = ContinuousClock.now
    let value = try body()
    return try save(value, name, since: start)
  }

  /// Makes an artefact file, or finds it in a resumed run. For weights and other large results.
  ///
  /// - Parameters:
  ///   - name: file name below `artefacts/`, such as `pruned.safetensors`.
  ///   - body: writes the file to the temporary URL it is given, which is then renamed.
  /// - Returns: the artefact's URL.
  /// - Throws: what `body` throws, ``Interrupted``, ``RunError``.
  public func fileStep(
    _ name: String, isolation: isolated (any Actor)? = #isolation, _ body: (URL) async throws -> Void
  ) async throws -> URL {
    let url = try file(name)
    if replayFile(name, at: url) { return url }
    try checkCancellation()
    let start = ContinuousClock.now
    let temporary = Self.temporaryURL(beside: url)
    defer { try? FileManager.default.removeItem(at: temporary) }
    try await body(temporary)
    try finishFile(name, temporary, url, since: start)
    return url
  }

  /// ``fileStep(_:isolation:_:)`` for code that is not asynchronous.
  public func fileStep(_ name: String, _ body: (URL) throws -> Void) throws -> URL {
    let url = try file(name)
    if replayFile(name, at: url) { return url }
    try checkCancellation()
    let start = ContinuousClock.now
    let temporary = Self.temporaryURL(beside: url)
    defer { try? FileManager.default.removeItem(at: temporary) }
    try body(temporary)
    try finishFile(name, temporary, url, since: start)
    return url
  }

  /// The URL of an artefact, `artefacts/<name>` in the run's folder, listed in the report. Parent folders are made.
  ///
  /// - Throws: ``RunError/invalidName(name:what:)`` or ``RunError/cannotCreate(path:reason:)``.
  public func file(_ name: String) throws(RunError) -> URL {
    guard FileName.isSafe(name) else { throw .invalidName(name: name, what: "artefact") }
    let url = output.artefacts.appendingPathComponent(name)
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw .cannotCreate(path: url.deletingLastPathComponent().path, reason: error.localizedDescription)
    }
    recorder.addArtefact("artefacts/" + name)
    return url
  }

  private var store: CheckpointStore { CheckpointStore(folder: output.checkpoints) }

  private func replay<Value: Codable>(
    _ name: String, as type: Value.Type, _ onCorruption: CorruptionPolicy
  ) throws -> Value? {
    switch store.load(name, as: type) {
    case .found(let saved):
      recorder.addReplay(name, seconds: saved.seconds)
      return saved.value
    case .corrupted(let error):
      if case .fail = onCorruption { throw error }
      let text = "step \"\(name)\" was computed again: \(error.description)"
      recorder.note(text)
      progress.message(text)
    case .absent: break
    }
    try checkCancellation()
    return nil
  }

  private func save<Value: Codable>(
    _ value: Value, _ name: String, since start: ContinuousClock.Instant
  ) throws -> Value {
    try store.save(value, seconds: (ContinuousClock.now - start).seconds, for: name)
    return value
  }

  /// A finished file step leaves a checkpoint with its duration; the file alone could come from a step that was cut short.
  private func replayFile(_ name: String, at url: URL) -> Bool {
    guard FileManager.default.fileExists(atPath: url.path),
      case .found(let saved) = store.load("file:" + name, as: Bool.self)
    else { return false }
    recorder.addReplay(name, seconds: saved.seconds)
    return true
  }

  private func finishFile(_ name: String, _ temporary: URL, _ url: URL, since start: ContinuousClock.Instant) throws {
    guard rename(temporary.path, url.path) == 0 else {
      throw RunError.cannotCreate(path: url.path, reason: String(cString: strerror(errno)))
    }
    try store.save(true, seconds: (ContinuousClock.now - start).seconds, for: "file:" + name)
  }

  /// The temporary name keeps the extension, by which writers may choose their format.
  private static func temporaryURL(beside url: URL) -> URL {
    url.deletingLastPathComponent().appendingPathComponent(".\(UUID().uuidString)-\(url.lastPathComponent)")
  }
}
