import FileKit
import Foundation
import LanguageModel
import ReproductionKit
import TinyTensor

/// Runs calibration text through a model and sums the Grams of what every matrix reads.
public struct Calibrator: Sendable {
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

  /// The tokens of all windows.
  public var tokenCount: Int { window * windows }

  /// The same text, fewer windows.
  public func prefix(_ count: Int) throws(BasisSharingError) -> Calibrator {
    try Calibrator(tokens: tokens, window: window, windows: min(count, windows))
  }

  /// Names model, text and windows.
  public func identity(_ model: LlamaModel) -> String {
    var hash = SHA256()
    hash.update(Data(model.identity.hash.utf8))
    tokens.prefix(tokenCount).withUnsafeBytes { hash.update($0) }
    hash.update(Data("\(window)x\(windows) \(model.options.numerics)".utf8))
    return hash.hexDigest()
  }

  /// The Grams of a model.
  ///
  /// - Parameters:
  ///   - model: The model; exact numerics give the activations of the dequantised weights.
  ///   - checkpoint: A file to go on from and to leave the state in every 16 windows and at the end.
  ///   - progress: Where to tell how far it is.
  ///   - isCancelled: Asked after each window.
  /// - Throws: ``BasisSharingError``, `LanguageModelError`, `Interrupted`, or a file's error.
  public func grams(
    _ model: LlamaModel, checkpoint: URL? = nil, progress: ProgressReporter = .silent,
    isCancelled: () -> Bool = { false }
  ) throws -> GramStore {
    var store = GramStore()
    let identity = identity(model)
    if let checkpoint, FileManager.default.fileExists(atPath: checkpoint.path) {
      store = try GramStore(contentsOf: checkpoint, identity: identity)
    }
    let pass = try LayerPass(model, layers: 0..<model.config.layers, window: window)
    for index in min(store.tokens / window, windows)..<windows {
      try pass.observe(embeddings(model, window: index)) { key, x in
        try store.accumulate(x, site: key.site, layer: key.layer)
      }
      store.tokens += window
      progress.report(index + 1, of: windows, "Grams, \(store.tokens) tokens")
      let isLast = index + 1 == windows
      let isCancelled = isCancelled() && !isLast
      if let checkpoint, isLast || isCancelled || (index + 1).isMultiple(of: Self.checkpointInterval) {
        try store.write(to: checkpoint, identity: identity)
      }
      if isCancelled { throw Interrupted() }
    }
    return store
  }

  /// The input embeddings of a window, `[window, width]`.
  func embeddings(_ model: LlamaModel, window index: Int) throws -> Tensor {
    try model.embed(Array(tokens[index * window..<(index + 1) * window]))
  }
}
