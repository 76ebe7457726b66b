import Foundation
import PELNAS
import Testing

/// The identities of specification 4 and the row facts of the tables' own README: claim D1.
@Suite(.enabled(if: hasTables, "the tables are not on this machine")) struct TableTests {
  @Test func theFilesAreThePublishedOnes() throws {
    _ = try Benchmark.load(try #require(tablesFolder), verifyHashes: true)
  }

  @Test func everyIdentityHolds() throws {
    let identities = try TableIdentities.check(sharedBenchmark.get())
    #expect(identities.count >= 15)
    for identity in identities { #expect(identity.violations == 0, "\(identity.name): \(identity.detail)") }
  }

  @Test func lookupsGiveNilWhereNothingIsTabulated() throws {
    let benchmark = try sharedBenchmark.get()
    let device = try Device.named("edgetpu")
    #expect(Cell.all.count { benchmark.latency($0, on: device, .cifar10) == nil } == 4_699)
    #expect(throws: PELNASError.self) { try benchmark.accuracies(.cifar100, .validation) }
    #expect(benchmark.energy(.empty, on: device, .cifar10) == nil)
  }
}

@Suite struct BrokenTableTests {
  private func message(_ text: String, columns: [String] = ["index", "a", "b"], rows: Int = 2) throws -> String {
    let url = try temporaryFolder().appending(path: "t.csv")
    try Data(text.utf8).write(to: url)
    do {
      _ = try NumberTable(url, columns: columns, rows: rows)
      return ""
    } catch {
      return error.description
    }
  }

  @Test func aGoodTableIsRead() throws {
    let url = try temporaryFolder().appending(path: "t.csv")
    try Data("index,a,b\n0,1.5,-2e-3\n1,,1e+08\r\n".utf8).write(to: url)
    let table = try NumberTable(url, columns: ["index", "a", "b"], rows: 2)
    #expect(Array(table["b"]) == [-0.002, 1e8])
    #expect(table["a"].first == 1.5 && table["a"].last?.isNaN == true)
    #expect(table["c"].isEmpty)
  }

  @Test(arguments: [
    ("", "t.csv:1"), ("index,a\n0,1\n", "header"), ("index,a,b\n0,1,2\n", "ends after 1 rows"),
    ("index,a,b\n0,1,2\n1,x,2\n", "t.csv:3, column a"), ("index,a,b\n0,1,2,3\n", "more than 3 fields"),
    ("index,a,b\n0,1\n", "expected 3 fields"), ("index,a,b\n0,1,2\n1,1,2\n2,1,2\n", "more than 2 rows"),
    ("index,a,b\n0,1..2,2\n", "not a number"), ("index,a,b\n0,1e,2\n", "not a number"),
    ("index,a,b\n0,-,2\n", "not a number"), ("index,a,b\n0,1e999,2\n", "not a number"),
    ("index,a,b\n0,1234567890123456789012,2\n", "not a number"), ("index,a,b\n0,1\r,2\n", "not a number"),
    ("index,a,b\n0,\u{0},2\n", "not a number"),
  ])
  func brokenTablesNameLineAndColumn(_ text: String, _ expected: String) throws {
    let found = try message(text)
    #expect(found.contains(expected), "\(found)")
    #expect(!found.contains("\n"))
  }

  @Test func parsedNumbersEqualTheLibrarys() throws {
    let texts = (0..<2_000).map { index in
      let value = Double(index * index) * 0.000_731 - 700
      return String(format: "%.\(index % 8)f", value)
    }
    let url = try temporaryFolder().appending(path: "n.csv")
    try Data(("a\n" + texts.joined(separator: "\n") + "\n").utf8).write(to: url)
    let table = try NumberTable(url, columns: ["a"], rows: texts.count)
    #expect(Array(table["a"]) == texts.map { Float(Double($0) ?? .nan) })
  }

  @Test func aMissingFolderIsAnError() {
    #expect(throws: PELNASError.self) { try Benchmark.load(URL(filePath: "/nowhere")) }
  }

  @Test func unknownNamesListTheKnownOnes() {
    #expect(throws: PELNASError.self) { try Device.named("abacus") }
    #expect(throws: PELNASError.self) { try DataSet(named: "mnist") }
    #expect(throws: PELNASError.self) { try Proxy(named: "luck") }
  }
}
