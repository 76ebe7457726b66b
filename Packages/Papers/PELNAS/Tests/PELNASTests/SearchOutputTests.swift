import Foundation
import JSONC
import PELNAS
import ReproductionKit
import Testing

/// A small search on made-up tables.
private func smallReport() async throws -> (SearchReport, SearchTask) {
  let task = try syntheticTask()
  var configuration = SearchConfiguration()
  configuration.generations = 3
  let report = try await CoevolutionSearch(
    task: task, partition: .conv3x3, estimates: .truth(task), proposer: KnowledgeProposer(.conv3x3),
    configuration: configuration
  ).run()
  return (report, task)
}

@Suite struct SearchOutputTests {
  @Test func theReportKeepsTheArchivesOfAllGenerations() async throws {
    let (report, _) = try await smallReport()
    #expect(report.archives.count == 4 && report.archives.allSatisfy { $0.count == 6 })
    for (generation, niches) in report.archives.enumerated() {
      for (niche, cells) in niches.enumerated() {
        let known = report.evaluated.filter { $0.niche == niche && $0.generation <= generation }
        #expect(cells == known.map(\.scored).front().map(\.cell))
      }
    }
  }

  @Test func theReportRoundTripsAndTimesDoNotCount() async throws {
    var (report, _) = try await smallReport()
    let again = try JSON.decode(SearchReport.self, from: JSON.encode(report))
    #expect(again == report)
    #expect(report.seconds.total > 0)
    report.seconds.load += 1
    report.data = [DataSource(name: "x", origin: .synthetic, license: "y", location: "z")]
    #expect(try report.fingerprint() == again.fingerprint())
  }

  @Test func thePageStandsAlone() async throws {
    let (report, task) = try await smallReport()
    let page = SearchPage.html(report, task)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("</html>"))
    #expect(page.components(separatedBy: "<figure").count == 1 + SearchCharts.all(report, task).count + 6)
    #expect(!page.contains("<script") && !page.contains("href=\"http") && !page.contains("src="))
    for point in report.front { #expect(page.contains(point.cell.word)) }
  }

  @Test func everyFrontCellHasASource() async throws {
    let (report, _) = try await smallReport()
    let sources: [EvaluatedCell.Source] = [.initial, .proposer, .fallback]
    #expect(sources.reduce(0) { $0 + report.frontCount(from: $1) } == report.front.count)
  }

  /// What SmolLM2 answered, without SmolLM2: the same report to the last bit.
  @Test(.enabled(if: hasTables, "the tables are not on this machine"))
  func theShippedRecordingReplays() async throws {
    let benchmark = try sharedBenchmark.get()
    let task = try SearchTask(benchmark, .cifar10, on: .named("edgegpu"))
    let features = try PredictorFeatures(benchmark, .cifar10)
    var configuration = SearchConfiguration()
    configuration.generations = 2
    let report = try await CoevolutionSearch(
      task: task, partition: .conv3x3,
      estimates: .predicted(AccuracyPredictor.fit(features, task, labels: 200, seed: 1), features),
      proposer: ReplayProposer(contentsOf: ShippedRecording.searchURL()), configuration: configuration
    ).run()
    #expect(report.proposer.isReplayed && report.evaluations == 120)
    #expect(try report.fingerprint() == ShippedRecording.load().searchFingerprint)
  }
}
