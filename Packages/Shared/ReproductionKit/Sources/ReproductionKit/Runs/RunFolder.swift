import FileKit
import Foundation
import JSONC

/// The folder of one run, `runs/<experiment>/<time>/`, with its description `run.json`, checkpoints and artefacts.
public struct RunFolder: Sendable, Hashable {
  /// The folder itself.
  public let url: URL
  /// What the run was started with.
  public let description: RunDescription
  /// Whether the folder existed before: a resumed run.
  public let isResumed: Bool

  /// Folder of the saved step results.
  public var checkpoints: URL { url.appendingPathComponent("checkpoints", isDirectory: true) }
  /// Folder of the artefacts.
  public var artefacts: URL { url.appendingPathComponent("artefacts", isDirectory: true) }
  /// The machine-readable report.
  public var reportJSON: URL { url.appendingPathComponent("report.json") }
  /// The report as Markdown.
  public var reportMarkdown: URL { url.appendingPathComponent("report.md") }
  /// The report as a self-contained page.
  public var reportHTML: URL { url.appendingPathComponent("index.html") }

  /// Creates a new run folder below `root`, named after the current time, and points `latest` to it.
  ///
  /// - Throws: ``RunError`` when the experiment's id is no file name or the folder cannot be made; `FileError`.
  public static func create(in root: URL, for request: RunRequest, at time: Date = Date()) throws -> RunFolder {
    let experiment = try experimentFolder(in: root, id: request.experiment)
    do {
      try FileManager.default.createDirectory(at: experiment, withIntermediateDirectories: true)
    } catch {
      throw RunError.cannotCreate(path: experiment.path, reason: error.localizedDescription)
    }
    let stamp = timeStamp(time)
    // Two runs may start within one second: mkdir decides who gets which name.
    for attempt in 1...999 {
      let url = experiment.appendingPathComponent(attempt == 1 ? stamp : "\(stamp)-\(attempt)", isDirectory: true)
      do {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
      } catch  where FileManager.default.fileExists(atPath: url.path) {
        continue
      } catch {
        throw RunError.cannotCreate(path: url.path, reason: error.localizedDescription)
      }
      let description = RunDescription(request: request, startedAt: isoText(time), state: .running)
      let folder = RunFolder(url: url, description: description, isResumed: false)
      try folder.write(description)
      linkLatest(to: url)
      return folder
    }
    throw RunError.cannotCreate(path: experiment.path, reason: "too many runs within one second")
  }

  /// The newest unfinished run with the same experiment, scale, seed and options; `nil` when there is none.
  ///
  /// Folders whose `run.json` is missing or damaged are passed over: they cannot be resumed.
  public static func findUnfinished(in root: URL, for request: RunRequest) throws -> RunFolder? {
    let experiment = try experimentFolder(in: root, id: request.experiment)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: experiment.path)) ?? []
    for name in names.filter({ $0 != "latest" }).sorted(by: isNewer) {
      let url = experiment.appendingPathComponent(name, isDirectory: true)
      guard let description = try? JSON.read(RunDescription.self, from: descriptionURL(of: url)),
        description.request == request, description.state != .finished
      else { continue }
      linkLatest(to: url)
      return RunFolder(url: url, description: description, isResumed: true)
    }
    return nil
  }

  /// Resumes the newest unfinished equal run if asked to and there is one, else creates a new one.
  public static func open(in root: URL, for request: RunRequest, resume: Bool) throws -> RunFolder {
    if resume, let folder = try findUnfinished(in: root, for: request) { return folder }
    return try create(in: root, for: request)
  }

  /// Records in `run.json` how the run stands.
  public func mark(_ state: RunDescription.State) throws {
    var description = description
    description.state = state
    try write(description)
  }

  private func write(_ description: RunDescription) throws {
    try AtomicFile.write(JSON.encode(description, style: .pretty), to: Self.descriptionURL(of: url))
  }

  private static func descriptionURL(of folder: URL) -> URL {
    folder.appendingPathComponent("run.json")
  }

  private static func experimentFolder(in root: URL, id: String) throws(RunError) -> URL {
    guard FileName.isSafe(id), !id.contains("/") else { throw .invalidName(name: id, what: "experiment id") }
    return root.appendingPathComponent(id, isDirectory: true)
  }

  /// `latest` is a convenience for people; file systems without links go without.
  private static func linkLatest(to url: URL) {
    let link = url.deletingLastPathComponent().appendingPathComponent("latest")
    let temporary = url.deletingLastPathComponent().appendingPathComponent(".latest-\(UUID().uuidString)")
    try? FileManager.default.createSymbolicLink(atPath: temporary.path, withDestinationPath: url.lastPathComponent)
    if rename(temporary.path, link.path) != 0 { try? FileManager.default.removeItem(at: temporary) }
  }

  /// `20250131-235959`, in UTC so that names sort by time.
  private static func timeStamp(_ time: Date) -> String {
    isoText(time).filter { $0.isNumber || $0 == "T" || $0 == "Z" }.replacingOccurrences(of: "T", with: "-")
      .replacingOccurrences(of: "Z", with: "")
  }

  /// Newest first: by time stamp, then by the counter behind it.
  private static func isNewer(_ first: String, _ second: String) -> Bool {
    func key(_ name: String) -> (String, Int) {
      let parts = name.split(separator: "-", maxSplits: 2)
      return (parts.prefix(2).joined(separator: "-"), parts.count > 2 ? Int(parts[2]) ?? 0 : 1)
    }
    return key(first) > key(second)
  }

  static func isoText(_ time: Date) -> String {
    time.formatted(.iso8601)
  }
}
