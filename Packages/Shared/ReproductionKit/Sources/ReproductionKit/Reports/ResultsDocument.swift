import FileKit
import Foundation

/// The results table of the documentation: one section per experiment between marker comments, replaced in place.
///
/// Sections are ordered by experiment id whatever the order of updates, so that the file depends on the reports alone. Text
/// outside the markers is kept.
public struct ResultsDocument: Sendable, Hashable {
  private struct Section: Sendable, Hashable {
    var id: String
    var body: String
  }

  private var preamble: String
  private var sections: [Section]
  private var closing: String

  /// Reads a document; text without markers is all preamble.
  ///
  /// - Throws: ``RunError/unreadable(path:reason:)`` when a section is not closed.
  public init(text: String, path: String = "results") throws(RunError) {
    preamble = ""
    sections = []
    closing = ""
    var open: Section?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let id = Self.id(in: line, edge: "begin") {
        guard open == nil else {
          throw .unreadable(path: path, reason: "section \(id) begins inside section \(open?.id ?? "")")
        }
        open = Section(id: id, body: "")
      } else if let id = Self.id(in: line, edge: "end") {
        guard let section = open, section.id == id else {
          throw .unreadable(path: path, reason: "section \(id) ends without having begun")
        }
        sections.append(section)
        open = nil
      } else if open != nil {
        open?.body += line + "\n"
      } else if sections.isEmpty {
        preamble += line + "\n"
      } else {
        closing += line + "\n"
      }
    }
    if let open { throw .unreadable(path: path, reason: "section \(open.id) has no end marker") }
  }

  /// A new document with a title.
  public init() {
    preamble = """
      # Results

      Each section is written from a run's `report.json`; edits between the markers are lost.

      """
    sections = []
    closing = ""
  }

  /// Identifiers of the experiments that have a section, in order.
  public var experiments: [String] { sections.map(\.id).sorted() }

  /// Inserts or replaces the section of a report's experiment.
  public mutating func update(with report: Report) {
    let section = Section(id: report.experiment.id, body: Self.body(report))
    sections.removeAll { $0.id == section.id }
    sections.append(section)
    sections.sort { $0.id < $1.id }
  }

  /// The whole document.
  public var text: String {
    let middle = sections.sorted { $0.id < $1.id }.map {
      "<!-- hardwise:results:\($0.id):begin -->\n\($0.body)<!-- hardwise:results:\($0.id):end -->\n"
    }
    let parts = [Self.trimmed(preamble)] + middle + [Self.trimmed(closing)]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// Updates a file in place with reports, creating it if there is none.
  ///
  /// - Throws: ``RunError/unreadable(path:reason:)`` when the file's markers do not match, `FileError`.
  public static func update(_ url: URL, with reports: [Report]) throws {
    var document = ResultsDocument()
    if FileManager.default.fileExists(atPath: url.path) {
      do {
        document = try ResultsDocument(text: try String(contentsOf: url, encoding: .utf8), path: url.path)
      } catch let error as RunError {
        throw error
      } catch {
        throw RunError.unreadable(path: url.path, reason: oneLine(error))
      }
    }
    for report in reports { document.update(with: report) }
    try AtomicFile.write(Data(document.text.utf8), to: url)
  }

  private static func body(_ report: Report) -> String {
    let provenance = report.provenance
    let data = provenance.data.map { "\($0.name) (\($0.origin.rawValue))" }.joined(separator: ", ")
    var facts = [
      "scale \(provenance.scale.rawValue)", "seed \(provenance.seed)", "data: \(data.isEmpty ? "none" : data)",
      "\(provenance.host.processor), \(provenance.threads) threads",
      "\(NumberText.duration(provenance.wallSeconds)), \(NumberText.bytes(provenance.peakMemoryBytes))",
    ]
    if let revision = provenance.revision { facts.append("commit \(revision.commit.prefix(12))") }
    let citation = report.experiment.citation.map { "\n\($0.text)\n" } ?? ""
    return """
      ## \(report.experiment.id): \(report.experiment.title)
      \(citation)
      \(report.claimsTable.markdown())
      *\(report.countsText). \(facts.joined(separator: " · ")).*

      """
  }

  private static func id(in line: Substring, edge: String) -> String? {
    let prefix = "<!-- hardwise:results:"
    let suffix = ":\(edge) -->"
    let line = line.trimmingCharacters(in: .whitespaces)
    guard line.hasPrefix(prefix), line.hasSuffix(suffix), line.count > prefix.count + suffix.count else { return nil }
    return String(line.dropFirst(prefix.count).dropLast(suffix.count))
  }

  private static func trimmed(_ text: String) -> String {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? "" : text + "\n"
  }
}
