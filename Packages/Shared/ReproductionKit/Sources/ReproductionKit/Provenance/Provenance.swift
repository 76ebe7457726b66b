/// Everything needed to judge and repeat a run.
public struct Provenance: Sendable, Codable, Hashable {
  /// Scale of the run.
  public var scale: Scale
  /// Seed of all random streams.
  public var seed: UInt64
  /// Worker threads.
  public var threads: Int
  /// Options the user gave.
  public var options: [String: String]
  /// Data sets and models, in the order of first use.
  public var data: [DataSource]
  /// The machine and the build.
  public var host: HostDescription
  /// The commit, when the run was made in a checkout.
  public var revision: SourceRevision?
  /// Start, ISO 8601 in UTC.
  public var startedAt: String
  /// Seconds of work: this process's wall time plus what the replayed checkpoints took when they were made.
  public var wallSeconds: Double
  /// Processor seconds of this process, all threads.
  public var processorSeconds: Double
  /// Peak resident memory of this process, in bytes.
  public var peakMemoryBytes: Int
  /// Steps whose results were replayed from checkpoints.
  public var replayedSteps: [String]

  /// A provenance record.
  public init(
    scale: Scale, seed: UInt64, threads: Int, options: [String: String] = [:], data: [DataSource] = [],
    host: HostDescription = .current, revision: SourceRevision? = nil, startedAt: String, wallSeconds: Double,
    processorSeconds: Double = 0, peakMemoryBytes: Int, replayedSteps: [String] = []
  ) {
    self.scale = scale
    self.seed = seed
    self.threads = threads
    self.options = options
    self.data = data
    self.host = host
    self.revision = revision
    self.startedAt = startedAt
    self.wallSeconds = wallSeconds
    self.processorSeconds = processorSeconds
    self.peakMemoryBytes = peakMemoryBytes
    self.replayedSteps = replayedSteps
  }

  /// Name and value of every fact, for people.
  var facts: [(name: String, value: String)] {
    var facts: [(String, String)] = [
      ("scale", scale.rawValue), ("seed", String(seed)), ("threads", String(threads)),
    ]
    if !options.isEmpty {
      facts.append(
        ("options", options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")))
    }
    facts.append(("processor", "\(host.processor), \(host.cores) cores"))
    if !host.simd.isEmpty { facts.append(("SIMD", host.simd.joined(separator: ", "))) }
    facts.append(("system", host.system))
    facts.append(("Swift", "\(host.swift), \(host.build) build"))
    if let revision {
      facts.append(("commit", revision.commit + (revision.branch.map { " (\($0))" } ?? "")))
    }
    facts.append(("started", startedAt))
    facts.append(("wall time", NumberText.duration(wallSeconds)))
    if processorSeconds > 0 { facts.append(("processor time", NumberText.duration(processorSeconds))) }
    facts.append(("peak memory", NumberText.bytes(peakMemoryBytes)))
    if !replayedSteps.isEmpty { facts.append(("resumed steps", replayedSteps.joined(separator: ", "))) }
    return facts
  }

  /// The data sources as a table.
  var dataTable: Table {
    var table = Table(
      title: "Data and models",
      columns: [.text("name"), .text("origin"), .text("found in"), .text("licence"), .text("SHA-256"), .text("note")])
    for source in data {
      table.append([
        .text(source.name), .text(source.origin.rawValue), .text(source.location), .text(source.license),
        source.sha256.map { .text(String($0.prefix(16)) + "…") } ?? .missing, source.note.map { .text($0) } ?? .missing,
      ])
    }
    return table
  }
}
