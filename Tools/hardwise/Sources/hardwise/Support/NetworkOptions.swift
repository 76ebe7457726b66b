import ArgumentParser
import Foundation
import ReproductionKit
import VisionModels

/// `--weights` and `--arch`, which every command on a trained network has.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Checkpoint: a safetensors file, or a catalogue name such as resnet20-cifar10.", valueName: "file"))
  var weights: String

  @Option(
    help: ArgumentHelp(
      "Architecture of a plain PyTorch checkpoint, such as resnet56; files written here describe themselves.",
      valueName: "name"))
  var arch: String?

  /// Opens the checkpoint.
  func load() throws -> Network {
    let catalog = try DataCatalog()
    let resolved = try catalog.resolve(nameOrPath: weights, kind: .weights)
    return try Network(loading: resolved.url, model: arch)
  }
}
