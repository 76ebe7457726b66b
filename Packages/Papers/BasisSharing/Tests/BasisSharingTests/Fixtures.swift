import LanguageModel
import TinyTensor

/// Small problems that tests share.
enum Fixtures {
  /// A random matrix.
  static func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> DoubleMatrix {
    var random = Philox(seed: seed, stream: "test matrix")
    return DoubleMatrix(rows: rows, columns: columns, (0..<rows * columns).map { _ in Double(random.normal()) })
  }

  /// The plain product, the slow reference.
  static func product(_ a: DoubleMatrix, _ b: DoubleMatrix) -> DoubleMatrix { a * b }

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

  /// The embedded model in exact numerics, and some text of its world.
  static func tiny() throws -> (file: ModelFile, model: LlamaModel, tokens: [Int32]) {
    let file = try EmbeddedModel.file()
    let model = try LlamaModel(file, options: .exact)
    var corpus = TinyCorpus(seed: 3)
    let text = (0..<60).map { _ in corpus.next().plainText }.joined(separator: "\n")
    return (file, model, try file.tokenizer().encode(text))
  }
}
