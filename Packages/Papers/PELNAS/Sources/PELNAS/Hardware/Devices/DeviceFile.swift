import FileKit
import Foundation
import JSONC

/// A device described in a JSON file (specification 4.2): a column of the tables, or a sum over operations.
///
/// ```json
/// {"device": "my-fpga", "source": "additive", "latency": {"base": 1.13, "perOp": {"nor_conv_3x3": 1.26}},
///  "units": {"latency": "ms"}, "countDeadOps": true, "evidence": "model"}
/// ```
public struct DeviceFile: Sendable, Hashable, Codable {
  /// Where the costs come from.
  public enum Source: String, Sendable, Hashable, Codable { case table, additive, measured }

  /// A column's name, or a sum over operations.
  public enum Latency: Sendable, Hashable {
    case column(String)
    case additive(base: Double, perOperation: [String: Double])
  }

  /// Word of the command line.
  public let device: String
  /// Name for reports.
  public let name: String?
  /// Where the costs come from.
  public let source: Source
  /// Absent for a device that is measured.
  public let latency: Latency?
  /// Units, by quantity; latencies are in ms.
  public let units: [String: String]?
  /// Whether dead operations are charged.
  public let countDeadOps: Bool?
  /// How the numbers came about.
  public let evidence: Evidence
  /// Measurements of a device that is measured, by cell word, in ms.
  public let measurements: [String: Double]?

  /// A measured device with its measurements.
  public init(measured device: String, _ measurements: [Cell: Double]) {
    self.device = device
    name = device
    source = .measured
    latency = nil
    units = ["latency": "ms"]
    countDeadOps = false
    evidence = .measured
    self.measurements = Dictionary(uniqueKeysWithValues: measurements.map { ($0.key.word, $0.value) })
  }

  /// Reads and checks a file.
  public static func read(_ url: URL) throws(PELNASError) -> DeviceFile {
    let file: DeviceFile
    do {
      file = try JSON.read(DeviceFile.self, from: url)
    } catch {
      throw .badFile(path: url.path, problem: "not a device (\(error)); see `hardwise pelnas device --help`")
    }
    _ = try file.costModel(path: url.path)
    return file
  }

  /// Writes the file.
  public func write(to url: URL) throws { try AtomicFile.write(JSON.encode(self, style: .pretty), to: url) }

  /// The costs that the file describes.
  ///
  /// - Throws: ``PELNASError/badFile(path:problem:)`` naming the field that is wrong.
  public func costModel(path: String = "device") throws(PELNASError) -> any CostModel {
    func fail(_ field: String, _ problem: String) -> PELNASError {
      .badFile(path: path, problem: "field '\(field)' \(problem)")
    }
    if let unit = units?["latency"], unit != "ms" { throw fail("units.latency", "is '\(unit)', expected 'ms'") }
    switch (source, latency) {
    case (.additive, .additive(let base, let operations)):
      var costs: [CellOperation: Double] = [:]
      for (name, cost) in operations {
        guard let operation = CellOperation.allCases.first(where: { $0.name == name }) else {
          throw fail(
            "latency.perOp", "names '\(name)'; known are \(CellOperation.allCases.map(\.name).joined(separator: ", "))")
        }
        guard cost.isFinite, cost >= 0 else { throw fail("latency.perOp.\(name)", "is \(cost), expected 0 or more") }
        costs[operation] = cost
      }
      guard base.isFinite, base >= 0 else { throw fail("latency.base", "is \(base), expected 0 or more") }
      return AdditiveCost(
        name: device, unit: "ms", base: base, perOperation: costs, countsDeadOperations: countDeadOps ?? false)
    case (.measured, _):
      var cells: [Cell: Double] = [:]
      for (word, value) in measurements ?? [:] {
        guard value.isFinite, value > 0 else { throw fail("measurements.\(word)", "is \(value), expected above 0") }
        cells[try Cell(word: word)] = value
      }
      guard cells.count >= StructuralLatency.minimumMeasurements else {
        throw fail(
          "measurements",
          "has \(cells.count) cells, expected \(StructuralLatency.minimumMeasurements) or more; run `hardwise pelnas measure`"
        )
      }
      return try StructuralLatency.fit(name: device, cells)
    case (.table, .column(let column)):
      guard column.hasSuffix("_ms"), let device = try? Device.named(String(column.dropLast(3))) else {
        throw fail(
          "latency",
          "names the column '\(column)'; known are "
            + (Device.main + Device.further).map { "\($0.id)_ms" }.joined(separator: ", "))
      }
      throw fail("source", "is 'table': search with --device \(device.id), which needs no file")
    default: throw fail("latency", "does not fit the source '\(source.rawValue)'")
    }
  }
}

extension DeviceFile.Latency: Codable {
  private enum CodingKeys: String, CodingKey { case base, perOp }

  /// Reads a column's name or `{"base": …, "perOp": {…}}`.
  public init(from decoder: any Decoder) throws {
    if let single = try? decoder.singleValueContainer(), let column = try? single.decode(String.self) {
      self = .column(column)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self = .additive(
      base: try container.decode(Double.self, forKey: .base),
      perOperation: try container.decode([String: Double].self, forKey: .perOp))
  }

  /// Writes the same forms.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .column(let name):
      var container = encoder.singleValueContainer()
      try container.encode(name)
    case .additive(let base, let perOperation):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(base, forKey: .base)
      try container.encode(perOperation, forKey: .perOp)
    }
  }
}
