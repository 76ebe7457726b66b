import FileKit
import Foundation

/// A table of numbers with named columns, as the benchmark's CSV files hold them.
public struct NumberTable: Sendable {
  /// Name of the file, for messages.
  public let file: String
  /// Column names, in order.
  public let columns: [String]
  /// Number of rows.
  public let rows: Int
  private let values: [Float]

  /// Reads a CSV file.
  ///
  /// - Parameters:
  ///   - columns: the header it must have.
  ///   - rows: the number of rows it must have.
  /// - Throws: ``PELNASError`` with file, line and column.
  public init(_ url: URL, columns: [String], rows: Int) throws(PELNASError) {
    let file: MappedFile
    do {
      file = try MappedFile(url)
    } catch {
      throw .file(error)
    }
    let name = url.lastPathComponent
    self.file = name
    self.columns = columns
    self.rows = rows
    values = try file.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws(PELNASError) -> [Float] in
      try Self.parse(bytes, name: name, columns: columns, rows: rows)
    }
  }

  private static func parse(
    _ bytes: UnsafeRawBufferPointer, name: String, columns: [String], rows: Int
  ) throws(PELNASError) -> [Float] {
    guard let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
      throw .badTable(file: name, line: 1, column: "", problem: "there is no header line")
    }
    let header = String(decoding: bytes[..<lineEnd], as: UTF8.self).trimmingCharacters(in: .whitespaces)
    guard header == columns.joined(separator: ",") else {
      throw .badTable(
        file: name, line: 1, column: "",
        problem: "the header is '\(header.prefix(80))', expected '\(columns.joined(separator: ","))'")
    }
    var values = [Float](repeating: 0, count: columns.count * rows)
    let body = UnsafeRawBufferPointer(rebasing: bytes[(lineEnd + 1)...])
    let outcome = values.withUnsafeMutableBufferPointer { buffer -> Result<Int, DecimalTableKernel.Fault> in
      guard let base = buffer.baseAddress else { return .success(0) }
      do throws(DecimalTableKernel.Fault) {
        return .success(try DecimalTableKernel.parse(body, columns: columns.count, capacity: rows, into: base))
      } catch {
        return .failure(error)
      }
    }
    switch outcome {
    case .success(rows): return values
    case .success(let found):
      throw .badTable(file: name, line: found + 1, column: "", problem: "the table ends after \(found) rows of \(rows)")
    case .failure(let fault):
      let problem =
        switch fault.kind {
        case .notANumber: "not a number"
        case .tooFewFields: "the line ends here, expected \(columns.count) fields"
        case .tooManyFields: "more than \(columns.count) fields"
        case .tooManyRows: "more than \(rows) rows"
        }
      throw .badTable(file: name, line: fault.row + 2, column: columns[fault.column], problem: problem)
    }
  }

  /// The values of a column by row; NaN where the field is blank. Empty if there is no such column.
  public subscript(column: String) -> ArraySlice<Float> {
    guard let index = columns.firstIndex(of: column) else { return [] }
    return values[index * rows..<(index + 1) * rows]
  }
}
