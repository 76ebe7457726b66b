import FileKit
import Foundation
import LanguageModel
import ReproductionKit
import TinyTensor

/// Runs calibration text through a model and sums the Grams of what every matrix reads.
public struct Calibrator {
  /// The text as tokens.
  public let tokens: [Int32]
  /// Tokens per window; each has an empty context.
  public let window: Int
  /// The number of windows.
  public let windows: Int
  /// Windows between two checkpoints.
  public static let checkpointInterval = 16

  /// Calibration on the first `windows` windows of a text.
  ///
  /// - Throws: ``BasisSharingError/tooFewTokens(have:need:)`` if there is not a single window.
  public init(tokens: [Int32], window: Int, windows: Int) throws(BasisSharingError) {
    guard window > 0, windows > 0, tokens.count >= window else {
      throw .tooFewTokens(have: tokens.count, need: max(1, window))
    }
    self.tokens = tokens
    self.window = window
    self.windows = min(windows, tokens.count / window)
  }

  /// Names model, text and windows.
  public func identity(_ model: LlamaModel) -> String {
    var hash = SHA256()
    hash.update(Data(model.identity.hash.utf8))
    tokens.prefix(window * windows).withUnsafeBytes { hash.update($0) }
    hash.update(Data("\(window)x\(windows) \(model.options.numerics)".utf8))
    return hash.hexDigest()
  }

  /// The Grams of a model.
  ///
  /// - Parameters:
  ///   - model: The model; exact numerics give the activations of the dequantised weights.
  ///   - layers: The layers whose inputs are wanted; all by default. Nothing behind the last one is computed.
  ///   - checkpoint: A file to go on from and to leave the state in every 16 windows and at the end.
  ///   - progress: Where to tell how far it is.
  ///   - isCancelled: Asked after each window.
  /// - Throws: ``BasisSharingError``, `LanguageModelError`, `Interrupted`, or a file's error.
  public func grams(
    _ model: LlamaModel, layers: [Int]? = nil, checkpoint: URL? = nil, progress: ProgressReporter = .silent,
    isCancelled: () -> Bool = { false }
  ) throws -> GramStore {
    var store = GramStore()
    let identity = identity(model)
    if let checkpoint, FileManager.default.fileExists(atPath: checkpoint.path) {
      store = try GramStore(contentsOf: checkpoint, identity: identity)
    }
    let first = min(store.tokens / window, windows)
    try visit(model, layers: layers, windows: first..<windows) { index, inputs in
      for (key, x) in inputs { try store.accumulate(x, site: key.site, layer: key.layer) }
      store.tokens += inputs.isEmpty ? window : 0
      guard inputs.isEmpty else { return }
      progress.report(index + 1, of: windows, "Grams, \(store.tokens) tokens")
      let isLast = index + 1 == windows
      if let checkpoint, isLast || (index + 1).isMultiple(of: Self.checkpointInterval) || isCancelled() {
        try store.write(to: checkpoint, identity: identity)
      }
      if isCancelled(), !isLast { throw Interrupted() }
    }
    return store
  }

  /// Calls `body` for every input of every window as it is computed, and once without inputs behind each window.
  func visit(
    _ model: LlamaModel, layers: [Int]?, windows range: Range<Int>, _ body: (Int, [(GramKey, Tensor)]) throws -> Void
  ) throws {
    let wanted = Set(layers ?? Array(0..<model.config.layers))
    let last = wanted.max() ?? 0
    let needed = try model.skipping(layers: Set(last + 1..<max(last + 1, model.config.layers)))
    var options = needed.options
    options.chunk = window
    let runner = needed.with(options: options)
    for index in range {
      var failure: (any Error)?
      try withoutActuallyEscaping(body) { body in
        let hooks = ForwardHooks(input: { layer, site, activations in
          guard failure == nil, wanted.contains(layer) else { return }
          do { try body(index, [(GramKey(site, layer: layer), activations)]) } catch { failure = error }
        })
        var cache = runner.makeCache()
        _ = try runner.forward(
          Array(tokens[index * window..<(index + 1) * window]), cache: &cache, logits: .none, hooks: hooks)
      }
      if let failure { throw failure }
      try body(index, [])
    }
  }
}
