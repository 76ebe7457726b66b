import BasisSharing
import LanguageModel
import TinyTensor

/// Small problems that tests share.
enum Fixtures {
  /// A random matrix.
  static func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> DoubleMatrix {
    var random = Philox(seed: seed, stream: "test matrix")
    return DoubleMatrix(rows: rows, columns: columns, (0..<rows * columns).map { _ in Double(random.normal()) })
  }

  /// Matrices side by side.
  static func joined(_ parts: [DoubleMatrix]) -> DoubleMatrix {
    let rows = parts[0].rows
    return DoubleMatrix(
      rows: rows, columns: parts.reduce(0) { $0 + $1.columns },
      (0..<rows).flatMap { row in
        parts.flatMap { part in part.values[row * part.columns..<(row + 1) * part.columns] }
      })
  }

  /// XᵀX of random inputs.
  static func gram(_ width: Int, tokens: Int, seed: UInt64) -> DoubleMatrix {
    let x = matrix(tokens, width, seed: seed)
    return x.transposed * x
  }

  /// The largest difference, relative to the largest entry.
  static func difference(_ a: DoubleMatrix, _ b: DoubleMatrix) -> Double {
    let scale = a.values.reduce(1e-300) { max($0, abs($1)) }
    return zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
  }

  /// SmolLM2-135M's shape.
  static let smol = LlamaConfig(
    layers: 30, width: 576, heads: 9, kvHeads: 3, feedForward: 1536, vocabulary: 49_152, context: 8192)

  /// The embedded model with Grams of four windows.
  static func compressor() throws -> (file: ModelFile, compressor: Compressor, calibrator: Calibrator) {
    let (file, model, tokens) = try tiny()
    let calibrator = try Calibrator(tokens: tokens, window: 64, windows: 4)
    return (file, Compressor(model: model, grams: try calibrator.grams(model)), calibrator)
  }

  /// The largest difference of two tensors of one shape, relative to the largest entry.
  static func difference(_ a: Tensor, _ b: Tensor) -> Double { difference(DoubleMatrix(a), DoubleMatrix(b)) }

  /// The embedded model in exact numerics, and some text of its world.
  static func tiny() throws -> (file: ModelFile, model: LlamaModel, tokens: [Int32]) {
    let file = try EmbeddedModel.file()
    let model = try LlamaModel(file, options: .exact)
    var corpus = TinyCorpus(seed: 3)
    let text = (0..<60).map { _ in corpus.next().plainText }.joined(separator: "\n")
    return (file, model, try file.tokenizer().encode(text))
  }
}
