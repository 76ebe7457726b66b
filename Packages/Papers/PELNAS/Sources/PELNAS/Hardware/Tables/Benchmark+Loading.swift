import FileKit
import Foundation
import JSONC
import TinyTensor

extension Benchmark {
  /// A file of the folder.
  struct TableFile: Sendable {
    let name: String
    /// Prefix of its columns' names in a benchmark.
    let key: String
    let columns: [String]
    var rows = Cell.spaceSize
  }

  /// The tables of a folder, the architectures first.
  static let files: [TableFile] = {
    let accuracies = [
      "index", "cell", "canonical", "iso", "c10_test", "c100_test", "in16_test", "c10_val", "in16_val",
    ]
    let hardware = [
      "index", "edgegpu_ms", "edgegpu_mJ", "raspi4_ms", "edgetpu_ms", "pixel3_ms", "eyeriss_ms", "eyeriss_mJ",
      "eyeriss_ops_per_byte", "fpga_ms", "fpga_mJ",
    ]
    var files = [TableFile(name: "architectures.csv", key: "architectures", columns: accuracies)]
    for dataSet in DataSet.allCases {
      files.append(TableFile(name: "hw_\(dataSet.rawValue).csv", key: dataSet.rawValue, columns: hardware))
    }
    let proxies = ["index"] + Proxy.allCases.map(\.column)
    for dataSet in [DataSet.cifar10, .imageNet16] {
      let name = dataSet.rawValue
      files.append(TableFile(name: "zc_\(name).csv", key: "zc-\(name)", columns: proxies, rows: 9_445))
    }
    let further = ["index"] + Device.further.map { "\($0.id)_ms" }
    files.append(TableFile(name: "latency_more_devices.csv", key: "more", columns: further))
    return files
  }()

  /// Reads the folder of tables.
  ///
  /// - Parameter verifyHashes: also compare every file with the SHA-256 of `manifest.json`.
  /// - Throws: ``PELNASError`` with file, line and column.
  public static func load(_ folder: URL, verifyHashes: Bool = false) throws(PELNASError) -> Benchmark {
    if verifyHashes { try verify(folder) }
    let tables = try tables(in: folder, named: files.map(\.name))
    let order = try order(of: tables[0])
    var columns: [String: [Float]] = [:]
    for (file, table) in zip(files, tables) {
      let codes = try codes(of: table, order.cells)
      for name in file.columns where !["index", "cell", "canonical", "iso"].contains(name) {
        var column = [Float](repeating: .nan, count: Cell.spaceSize)
        for (code, value) in zip(codes, table[name]) { column[code] = value }
        try check(column, table, name, codes)
        columns["\(file.key)/\(name)"] = column
      }
    }
    completeCounts(&columns)
    return Benchmark(
      isSynthetic: false, cells: order.cells, canonical: order.canonical, isomorphismClasses: order.classes,
      columns: columns)
  }

  /// Reads some of the tables of a folder, one task per file.
  ///
  /// - Throws: ``PELNASError`` with file, line and column.
  public static func tables(in folder: URL, named names: [String]) throws(PELNASError) -> [NumberTable] {
    let chosen = try names.map { name throws(PELNASError) -> TableFile in
      guard let file = files.first(where: { $0.name == name }) else {
        throw .unknownName(kind: "table", name: name, known: files.map(\.name))
      }
      return file
    }
    let outcomes = OutcomeList<NumberTable>(count: chosen.count)
    parallelFor(chosen.count) { index in
      let file = chosen[index]
      outcomes.set(
        index,
        Result { () throws(PELNASError) -> NumberTable in
          try NumberTable(folder.appending(path: file.name), columns: file.columns, rows: file.rows)
        })
    }
    return try outcomes.values()
  }

  /// Compares the files with their manifest.
  static func verify(_ folder: URL) throws(PELNASError) {
    let manifest = folder.appending(path: "manifest.json")
    let value: JSONValue
    do {
      value = try JSON.parse(contentsOf: manifest)
    } catch {
      throw .badFile(path: manifest.path, problem: error.description)
    }
    for entry in value["files"]?.arrayValue ?? [] {
      guard let name = entry["name"]?.stringValue, let expected = entry["sha256"]?.stringValue else {
        throw .badFile(path: manifest.path, problem: "an entry of 'files' lacks its name or sha256")
      }
      let found: String
      do {
        found = try SHA256.hexDigest(ofFile: folder.appending(path: name))
      } catch {
        throw .file(error)
      }
      guard found == expected else {
        throw .badFile(
          path: name, problem: "its SHA-256 is \(found.prefix(12))…, the manifest says \(expected.prefix(12))…")
      }
    }
  }

  /// Cells in the benchmark's order, their canonical forms and classes by code.
  private static func order(
    of table: NumberTable
  ) throws(PELNASError) -> (cells: [Cell], canonical: [Cell], classes: [Int]) {
    var cells: [Cell] = []
    var seen = [Bool](repeating: false, count: Cell.spaceSize)
    cells.reserveCapacity(table.rows)
    for (row, (index, word)) in zip(table["index"], table["cell"]).enumerated() {
      guard index == Float(row) else {
        throw .badTable(file: table.file, line: row + 2, column: "index", problem: "it is \(index), expected \(row)")
      }
      var digits = word.isNaN ? -1 : Int(word)
      var code = 0
      for place in Cell.places.reversed() where digits >= 0 {
        digits = digits % 10 > 4 ? -1 : digits
        if digits >= 0 { code += digits % 10 * place }
        digits = digits < 0 ? -1 : digits / 10
      }
      guard digits == 0 else {
        throw .badTable(file: table.file, line: row + 2, column: "cell", problem: "\(word) is not six digits 0…4")
      }
      guard !seen[code] else {
        throw .badTable(
          file: table.file, line: row + 2, column: "cell", problem: "cell \(Cell(uncheckedCode: code)) occurs twice")
      }
      seen[code] = true
      cells.append(Cell(uncheckedCode: code))
    }
    var canonical = [Cell](repeating: .empty, count: Cell.spaceSize)
    var classes = [Int](repeating: 0, count: Cell.spaceSize)
    for (row, (form, iso)) in zip(table["canonical"], table["iso"]).enumerated() {
      guard form >= 0, form < Float(Cell.spaceSize), iso >= 0, iso < Float(Cell.spaceSize) else {
        throw .badTable(file: table.file, line: row + 2, column: "canonical", problem: "\(form) is no index")
      }
      canonical[cells[row].code] = cells[Int(form)]
      classes[cells[row].code] = Int(iso)
    }
    return (cells, canonical, classes)
  }

  /// The cell code of each row.
  private static func codes(of table: NumberTable, _ cells: [Cell]) throws(PELNASError) -> [Int] {
    var codes: [Int] = []
    codes.reserveCapacity(table.rows)
    var last: Float = -1
    for (row, index) in table["index"].enumerated() {
      guard index > last, index < Float(cells.count), index == index.rounded() else {
        throw .badTable(
          file: table.file, line: row + 2, column: "index", problem: "\(index) after \(last): indices must ascend")
      }
      last = index
      codes.append(cells[Int(index)].code)
    }
    return codes
  }

  /// Accuracies are percentages; times and energies are not negative.
  private static func check(_ column: [Float], _ table: NumberTable, _ name: String, _ codes: [Int]) throws(PELNASError)
  {
    let isAccuracy = name.hasSuffix("_test") || name.hasSuffix("_val")
    let isCost = name.hasSuffix("_ms") || name.hasSuffix("_mJ")
    guard isAccuracy || isCost, let row = codes.firstIndex(where: { column[$0] < 0 || isAccuracy && column[$0] > 100 })
    else { return }
    throw .badTable(
      file: table.file, line: row + 2, column: name, problem: "\(column[codes[row]]) is out of range")
  }

  /// Counts and the expected weight norm of cells with dead operations: the proxy tables have canonical cells only.
  private static func completeCounts(_ columns: inout [String: [Float]]) {
    for dataSet in [DataSet.cifar10, .imageNet16] {
      let key = "zc-\(dataSet.rawValue)/"
      for cell in Cell.all where !cell.isCanonical {
        let counts = CellCounts(cell, on: dataSet)
        columns[key + "params_M"]?[cell.code] = Float(Double(counts.parameters) * 1e-6)
        columns[key + "flops_M"]?[cell.code] = Float(Double(counts.proxyFLOPs) * 1e-6)
        columns[key + "l2_norm"]?[cell.code] = Float(27.8 + 51 * Double(cell.count(.conv1x1) + cell.count(.conv3x3)))
      }
    }
  }
}
