import ArgumentParser
import BasisN
import FileKit
import Foundation
import JSONC
import ReproductionKit

extension EncodingConfiguration {
  /// Name of a combination in files and charts, such as `B128-K16-b4-contest1`.
  var name: String {
    "B\(basis)-K\(nonzeros)-b\(bits)-contest\(NumberFormat.short(contest))"
  }
}

/// What a sweep has found so far: the file `sweep.json` of its folder.
struct SweepRecord: Codable {
  /// What all combinations share; a sweep is only continued with the same.
  struct Settings: Codable, Equatable {
    let weights: String
    let data: String
    let steps: Int
    let contestWeight: Float
    let images: Int
    let seed: UInt64
  }

  struct Row: Codable {
    let name: String
    let basis: Int
    let nonzeros: Int
    let bits: Int
    let contest: Double
    /// Accuracy of the exact integers on held-out images.
    let accuracy: Double
    /// Cycles per image and input step, 16 summing lines per crossbar.
    let cycles: Int
    let lowerBound: Int
    /// Bits of all coefficients.
    let coefficientBits: Int

    init(_ configuration: EncodingConfiguration, _ model: BasisNModel, accuracy: Double, seed: UInt64) throws {
      let crossbars = (configuration.basis + 63) / 64
      let schedule = try NetworkSchedule(model, lines: 16 * crossbars, seed: seed)
      name = configuration.name
      basis = configuration.basis
      nonzeros = configuration.nonzeros
      bits = configuration.bits
      contest = configuration.contest
      self.accuracy = accuracy
      cycles = schedule.cycles
      lowerBound = schedule.lowerBound
      coefficientBits = model.coefficientBits
    }
  }

  let settings: Settings
  var rows: [Row] = []

  private static func file(in folder: URL) -> URL { folder.appendingPathComponent("sweep.json") }

  /// Starts a record, or reads the one to go on with.
  static func open(_ folder: URL, resume: Bool, settings: Settings) throws -> SweepRecord {
    let file = file(in: folder)
    guard FileManager.default.fileExists(atPath: file.path) else {
      let record = SweepRecord(settings: settings)
      try record.save(to: folder)
      return record
    }
    guard resume else {
      throw ValidationError("\(folder.relativePath) holds a sweep already; go on with --resume or choose another --out")
    }
    let record = try JSON.read(SweepRecord.self, from: file)
    guard record.settings == settings else {
      throw ValidationError(
        "the sweep in \(folder.relativePath) has other weights, data, steps, images or seed; choose another --out")
    }
    return record
  }

  func save(to folder: URL) throws {
    try AtomicFile.write(JSON.encode(self, style: .pretty), to: Self.file(in: folder))
  }

  /// Rows that no other row beats in accuracy at as few cycles.
  private var front: Set<Int> {
    let front = ParetoFront(x: rows.map { Double($0.cycles) }, y: rows.map(\.accuracy))
    return Set(front.points.map(\.index))
  }

  func table(float: Double) -> Table {
    var table = Table(
      title: String(
        format: "%d steps; accuracy on %d held-out images, float %.2f %%", settings.steps, settings.images, 100 * float),
      columns: [
        .number("B"), .number("K"), .number("b"), .number("contest", decimals: 1),
        .number("accuracy", unit: "%", decimals: 2), .number("cycles"), .number("over bound", decimals: 3),
        .number("coefficients", unit: "kbit", decimals: 0), .text("front"),
      ])
    for (index, row) in rows.enumerated() {
      table.append([
        .integer(row.basis), .integer(row.nonzeros), .integer(row.bits), .number(row.contest),
        .number(100 * row.accuracy), .integer(row.cycles), .number(Double(row.cycles) / Double(row.lowerBound)),
        .number(Double(row.coefficientBits) / 1000), .text(front.contains(index) ? "yes" : ""),
      ])
    }
    return table
  }

  /// Accuracy against cycles, one series per basis size, with the front of each.
  func chart() -> Chart {
    let series = Set(rows.map(\.basis)).sorted().map { basis in
      ChartSeries(
        "B = \(basis)",
        points: rows.filter { $0.basis == basis }.map { row in
          ChartPoint(
            x: Double(row.cycles), y: 100 * row.accuracy,
            label: "K \(row.nonzeros), b \(row.bits), λ \(NumberFormat.short(row.contest))")
        }, connection: .front(xGoal: .minimize, yGoal: .maximize))
    }
    return .scatter(
      XYChart(
        name: "fronts", title: "Accuracy against cycles per image and input step",
        x: ChartAxis("cycles", scale: .logarithmic), y: ChartAxis("accuracy", unit: "%"), series: series))
  }
}
