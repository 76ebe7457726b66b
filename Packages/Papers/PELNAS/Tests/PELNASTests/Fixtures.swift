import Foundation
import PELNAS
import ReproductionKit
import TinyTensor

/// The folder of the real tables, if they are on this machine.
let tablesFolder: URL? = (try? DataCatalog())?.locateTables()
/// Whether they are.
let hasTables = tablesFolder != nil

extension DataCatalog {
  fileprivate func locateTables() -> URL? { try? resolve("pelnas").url }
}

/// The real benchmark, read once.
let sharedBenchmark = Result { () throws -> Benchmark in
  guard let tablesFolder else { throw PELNASError.badFile(path: "pelnas", problem: "not here") }
  return try Benchmark.load(tablesFolder)
}

/// A made-up benchmark, made once.
let syntheticBenchmark = Benchmark.synthetic(seed: 1)

/// A small task that needs no tables.
func syntheticTask() throws -> SearchTask {
  try SearchTask(syntheticBenchmark, .cifar10, on: .named("fpga"))
}

/// A new folder for files of one test.
func temporaryFolder() throws -> URL {
  let url = FileManager.default.temporaryDirectory.appending(path: "pelnas-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  return url
}
