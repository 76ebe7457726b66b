import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit
import Testing

@Suite struct PipelineTests {
  private let folder: TemporaryFolder
  private let file: ModelFile
  private let tokens: [Int32]
  private let settings: CompressionPipeline.Settings

  init() throws {
    folder = try TemporaryFolder()
    (file, _, tokens) = try Fixtures.tiny()
    var settings = CompressionPipeline.Settings(plan: .auto(ratio: 0.3))
    settings.window = 32
    settings.windows = 18
    settings.refit = .own
    settings.update = .sequential
    settings.updateWindows = 4
    settings.recovery = CoefficientLoRA(rank: 2, steps: 3, length: 24)
    self.settings = settings
  }

  /// The settings without update and recovery.
  private var short: CompressionPipeline.Settings {
    var result = settings
    (result.update, result.recovery) = (.none, nil)
    return result
  }

  private func run(
    _ name: String, _ settings: CompressionPipeline.Settings, isCancelled: @escaping () -> Bool = { false }
  ) throws -> Data {
    let pipeline = CompressionPipeline(
      file: file, settings: settings, work: folder.file(name + ".work"), isCancelled: isCancelled)
    let compressed = try pipeline.run(tokens: tokens)
    try compressed.write(to: folder.file(name), source: file, precision: .q8_0)
    return try Data(contentsOf: folder.file(name))
  }

  /// Stops at the n-th place where it can, goes on, for places in every phase.
  @Test func interruptedRunsGoOnToTheSameFile() throws {
    var questions = 0
    let whole = try run("whole", settings) {
      questions += 1
      return false
    }
    #expect(questions > 30)
    var stops = 0
    for place in stride(from: 1, to: questions, by: 5) {
      var asked = 0
      do {
        _ = try run("cut", settings) {
          asked += 1
          return asked == place
        }
      } catch is Interrupted {
        stops += 1
      }
    }
    #expect(stops > 3)
    #expect(try run("cut", settings) == whole)
  }

  @Test func otherSettingsDoNotGoOnWithAWorkFolder() throws {
    _ = try run("one", short)
    var other = short
    other.refit = .none
    let pipeline = CompressionPipeline(file: file, settings: other, work: folder.file("one.work"))
    #expect(throws: BasisSharingError.self) { try pipeline.run(tokens: tokens) }
  }

  /// Whoever mends the mistake must not be told of an earlier run.
  @Test func impossibleRequestsLeaveNothingBehind() throws {
    var wrong = [short, short, short]
    wrong[0].plan = .auto(ratio: 1.5)
    wrong[1].plan = .preset(.gqa, groupSize: 99, ratio: 0.2)
    wrong[2].window = 1 << 20
    for settings in wrong {
      #expect(throws: BasisSharingError.self) { try run("wrong", settings) }
      #expect(!FileManager.default.fileExists(atPath: folder.file("wrong.work").path))
    }
  }

  @Test func compressedModelsAreNotCompressedAgain() throws {
    _ = try run("one", short)
    let again = CompressionPipeline(
      file: try ModelFile(contentsOf: folder.file("one")), settings: short, work: folder.file("two.work"))
    #expect(throws: BasisSharingError.self) { try again.run(tokens: tokens) }
  }
}
