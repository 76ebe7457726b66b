import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel
import ReproductionKit

/// The calibration text of a command.
struct CalibrationArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Calibration text; WikiText-2's training head by default.", valueName: "file"))
  var text: String?

  @Option(help: "Tokens per calibration window.")
  var window = 1024

  @Option(help: "Calibration windows.")
  var windows = 64

  /// Refuses impossible values, before any file is opened.
  func check() throws {
    if window < 2 { throw ValidationError("--window is \(window); give at least 2") }
    if windows < 1 { throw ValidationError("--windows is \(windows); give a positive number") }
  }

  /// The tokens of the text.
  func tokens(_ file: ModelFile) throws -> [Int32] {
    try Self.tokens(file, text, set: "wikitext2", member: "wiki.train.head.raw", option: "--text")
  }

  func calibrator(_ file: ModelFile) throws -> Calibrator {
    try Calibrator(tokens: tokens(file), window: window, windows: windows)
  }

  /// The tokens of a text file, or of a file of the catalogue.
  static func tokens(
    _ file: ModelFile, _ path: String?, set: String, member: String, option: String
  ) throws -> [Int32] {
    let content: String
    if let path {
      content = try TextInput.file(path)
    } else {
      content = try TextInput.file(DataCatalog().resolve(set).file(member).path)
      Terminal.remark("using \(member); name another text with \(option)")
    }
    return try file.tokenizer().encode(content, special: .asText)
  }
}

/// Progress on standard error and a safe stop by Ctrl-C, for commands with long work.
final class LongWork {
  let progress: ProgressReporter
  private let sink = TerminalProgressSink()
  private let handler: InterruptionHandler

  init() {
    progress = ProgressReporter(sink: sink)
    handler = InterruptionHandler()
  }

  /// Whether the user asked to stop.
  var isCancelled: Bool { handler.flag.isRaised }

  /// Ends the progress line.
  func finish() {
    sink.finish()
    handler.uninstall()
  }

  deinit { finish() }
}
