import ArgumentParser
import BasisSharing
import Foundation
import LanguageModel

/// What becomes of the state that an earlier, unfinished run left for the same output file.
struct WorkArguments: ParsableArguments {
  @Flag(help: "Go on where an earlier run for the same file ended.")
  var resume = false

  @Flag(help: "Throw away what an earlier run for the same file left, and start again.")
  var overwrite = false

  func check() throws {
    if resume && overwrite { throw ValidationError("--resume and --overwrite exclude each other; give one") }
  }

  /// Makes sure that `state` is to be gone on with, or not there: nothing that took minutes is thrown away unasked.
  func claim(_ state: URL) throws {
    guard !resume, FileManager.default.fileExists(atPath: state.path) else { return }
    guard overwrite else {
      throw ValidationError(
        "\(state.relativePath) is the state of an earlier run; add --resume to go on with it, or --overwrite to start again"
      )
    }
    try FileManager.default.removeItem(at: state)
  }
}

/// Where a verb writes a model.
enum OutputFile {
  /// The file behind `--out`, if writing there can end well: no folder, and not the model that is read.
  static func url(_ path: String, reading source: ModelFile) throws -> URL {
    let url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
      throw ValidationError("--out is '\(path)', which is a folder; name a file in it")
    }
    if url.resolvingSymlinksInPath() == source.url.resolvingSymlinksInPath() {
      throw ValidationError("--out is '\(path)', the model that is read; give another name")
    }
    return url
  }
}
