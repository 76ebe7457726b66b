import ArgumentParser
import Foundation
import LogicFlow
import LogicFlowVerify
import ReproductionKit

/// A table: a file, or a set of the catalogue by name.
enum LogicFlowTable {
  static func open(_ nameOrPath: String) throws -> SampleTable {
    if FileManager.default.fileExists(atPath: nameOrPath) {
      return try SampleTable(csv: URL(fileURLWithPath: nameOrPath))
    }
    if nameOrPath == "synthetic" { return try SyntheticSamples.room() }
    guard !nameOrPath.contains("/"), !nameOrPath.contains("."), let data = try? DataCatalog().resolve("logicflow")
    else {
      throw LogicFlowError.invalidTable(
        file: nameOrPath, reason: "no such file; sets by name need `hardwise data list`")
    }
    let url = data.file(nameOrPath + ".csv")
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw LogicFlowError.invalidTable(file: nameOrPath, reason: "neither a file nor a set of the catalogue")
    }
    return try SampleTable(csv: url)
  }
}

/// Rows with the split that networks are trained by.
struct LogicFlowRows: ParsableArguments {
  @Argument(
    help: ArgumentHelp("CSV file, or a set by name: occupancy, spambase, wdbc, …, synthetic.", valueName: "rows"))
  var rows: String

  /// 80 % training rows and the rest, scaled on the former.
  func split() throws -> SampleSplit { try SampleSplit(LogicFlowTable.open(rows)) }
}

/// `--core`
struct LogicFlowCore: ParsableArguments {
  @Option(help: "Core: \(CoreModel.presetNames.joined(separator: ", ")).")
  var core = "ibex-small"

  func model() throws -> CoreModel { try CoreModel(named: core) }
}

/// Complains when rows and network do not fit.
func requireWidth(_ samples: IntegerSamples, _ network: IntegerNetwork, _ name: String) throws {
  guard samples.width == network.inputs else {
    throw LogicFlowError.mismatch("\(name) has \(samples.width) features, the network \(network.inputs)")
  }
}
