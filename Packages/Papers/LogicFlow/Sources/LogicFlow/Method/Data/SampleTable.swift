import FileKit
import Foundation

/// Labelled rows of real-valued features, as read from a CSV file.
public struct SampleTable: Sendable, Equatable {
  /// Where the rows come from, for messages.
  public let name: String
  /// Names of the features.
  public let features: [String]
  /// `[row][feature]`, row-major.
  public let values: [Float]
  /// Class of each row, from 0.
  public let labels: [Int]

  /// Rows.
  public var count: Int { labels.count }
  /// Classes.
  public var classes: Int { (labels.max() ?? -1) + 1 }

  /// Checks that something can be learnt: two classes or more, none of them without rows, every value finite.
  public init(name: String, features: [String], values: [Float], labels: [Int]) throws(LogicFlowError) {
    self.name = name
    self.features = features
    self.values = values
    self.labels = labels
    guard !labels.isEmpty, !features.isEmpty else { throw .invalidTable(file: name, reason: "no rows or no features") }
    guard values.count == labels.count * features.count else {
      throw .invalidTable(file: name, reason: "\(values.count) values for \(labels.count) rows of \(features.count)")
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw .invalidRow(
        file: name, line: bad / features.count + 2, column: features[bad % features.count], value: "\(values[bad])",
        expected: "a finite number")
    }
    let present = Set(labels)
    guard present.count >= 2 else {
      throw .invalidTable(file: name, reason: "all rows have class \(labels[0]), expected two classes or more")
    }
    for label in 0..<classes where !present.contains(label) {
      throw .invalidTable(file: name, reason: "no row has class \(label), but class \(classes - 1) exists")
    }
  }

  /// Reads a CSV file: a header, numbers, and the class index in the last column, `label`.
  public init(csv url: URL) throws(LogicFlowError) {
    let text: Data
    do {
      let file = try MappedFile(url)
      text = file.data(in: 0..<file.count)
    } catch {
      throw .file(error)
    }
    try self.init(csv: text, name: url.lastPathComponent)
  }

  /// Parses a CSV text; see ``init(csv:)``.
  public init(csv data: Data, name: String) throws(LogicFlowError) {
    guard let text = String(data: data, encoding: .utf8) else {
      throw .invalidTable(file: name, reason: "not UTF-8 text")
    }
    // A grapheme of its own: "\r\n" is one Character.
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    guard let header = lines.first?.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed) else {
      throw .invalidTable(file: name, reason: "empty, expected a header line")
    }
    guard header.count >= 2, header.last == "label" else {
      throw .invalidRow(
        file: name, line: 1, column: "last column", value: header.last ?? "", expected: "'label' behind the features")
    }
    var values: [Float] = []
    var labels: [Int] = []
    values.reserveCapacity((lines.count - 1) * (header.count - 1))
    for (index, line) in lines.enumerated().dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      guard cells.count == header.count else {
        throw .invalidRow(
          file: name, line: index + 1, column: "row", value: "\(cells.count) columns",
          expected: "\(header.count) columns")
      }
      for (column, cell) in cells.dropLast().enumerated() {
        guard let value = Float(Self.trimmed(cell)), value.isFinite else {
          throw .invalidRow(
            file: name, line: index + 1, column: header[column], value: Self.trimmed(cell), expected: "a finite number")
        }
        values.append(value)
      }
      let cell = Self.trimmed(cells[cells.count - 1])
      guard let label = Int(cell), (0..<4096).contains(label) else {
        throw .invalidRow(file: name, line: index + 1, column: "label", value: cell, expected: "a class index from 0")
      }
      labels.append(label)
    }
    try self.init(name: name, features: header.dropLast(), values: values, labels: labels)
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text).trimmingCharacters(in: .whitespaces)
  }

  /// The rows with these indices.
  public func rows(_ indices: [Int]) throws(LogicFlowError) -> SampleTable {
    var values: [Float] = []
    values.reserveCapacity(indices.count * features.count)
    for index in indices { values += self.values[index * features.count..<(index + 1) * features.count] }
    return try SampleTable(name: name, features: features, values: values, labels: indices.map { labels[$0] })
  }
}
