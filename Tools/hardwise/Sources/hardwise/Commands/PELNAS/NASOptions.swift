import ArgumentParser
import FileKit
import Foundation
import PELNAS
import ReproductionKit

/// Which tables, and which data set.
struct NASDataOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Tables: auto, synthetic, or a folder of the CSV files.", valueName: "source"))
  var tables = "auto"

  @Option(help: "Data set: cifar10, cifar100 or imagenet16-120.")
  var dataset = "cifar10"

  /// The benchmark; says on standard error when it is made up.
  func benchmark() throws -> Benchmark {
    switch tables {
    case "synthetic":
      Terminal.remark("accuracies and costs are synthetic")
      return .synthetic(seed: 0)
    case "auto": return try .load(DataCatalog().resolve("pelnas").url)
    default: return try .load(URL(fileURLWithPath: tables))
    }
  }

  func dataSet() throws -> DataSet { try DataSet(named: dataset) }
}

/// Which device.
struct NASTaskOptions: ParsableArguments {
  @OptionGroup var data: NASDataOptions

  @Option(
    help: ArgumentHelp(
      "A tabulated device, one added by `device add`, a device file, or systolic, roofline, crossbar.",
      valueName: "device"))
  var device = "edgegpu"

  @Option(help: "Accuracy that the search may look at: test (as in the paper) or val.")
  var accuracy = AccuracySplit.test

  /// The task, with the benchmark it was made from.
  func task() throws -> (benchmark: Benchmark, task: SearchTask) {
    let benchmark = try data.benchmark()
    let dataSet = try data.dataSet()
    if let tabulated = try? Device.named(device) {
      return (benchmark, try SearchTask(benchmark, dataSet, on: tabulated, split: accuracy))
    }
    let model = try DeviceLibrary.costModel(device, dataSet: dataSet)
    return (benchmark, try SearchTask(benchmark, dataSet, on: model, split: accuracy))
  }
}

/// Devices that are no columns of the tables.
enum DeviceLibrary {
  /// Where `device add` keeps its files.
  static var folder: URL { CacheDirectory.url.appending(path: "devices") }

  static func costModel(_ name: String, dataSet: DataSet) throws -> any PELNAS.CostModel {
    if let model = try HardwareDevice(rawValue: name)?.model() { return HardwareModelCost(model, dataSet: dataSet) }
    let added = folder.appending(path: "\(name).json")
    let url = FileManager.default.fileExists(atPath: name) ? URL(fileURLWithPath: name) : added
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw PELNASError.unknownName(
        kind: "device", name: name,
        known: Device.main.map(\.id) + HardwareDevice.allCases.map(\.rawValue) + names() + ["or a file"])
    }
    return try DeviceFile.read(url).costModel(path: url.path)
  }

  /// Devices that were added.
  static func names() -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }
}

extension AccuracySplit: ExpressibleByArgument {}
