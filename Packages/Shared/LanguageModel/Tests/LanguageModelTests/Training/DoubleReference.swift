import Foundation
import LanguageModel
import Testing
import TinyNN
import TinyTensor

/// Compares gradients with differences of a loss that ``ReferenceLlama`` computes in double precision, where a small step has a
/// derivative of seven digits: differences in `Float` leave two.
struct DoubleReference {
  typealias Matrix = [[Double]]
  private let llama: ReferenceLlama

  /// The reference for ``TinyLlama`` models of the default types.
  init(_ config: LlamaConfig) throws {
    llama = try ReferenceLlama(config) { try TinyLlama.matrix($0, config, $0 == .tokenEmbedding ? .q8_0 : .q4_1) }
  }

  /// Expects the same cross-entropy and, for each parameter along a random direction, the same slope from both implementations.
  ///
  /// - Parameters:
  ///   - parameters: the leaves.
  ///   - labels: one per row of logits.
  ///   - logits: the implementation under test.
  ///   - reference: the same logits for given values of the parameters.
  func check(
    _ parameters: [Variable], labels: [Int], logits: () throws -> Variable,
    reference: (ReferenceLlama, [Matrix]) -> Matrix
  ) throws {
    let loss = crossEntropy(try logits(), labels: labels)
    loss.backward()
    let origin = parameters.map { Self.matrix($0.value) }
    #expect(abs(Double(loss.value.item) - Self.loss(reference(llama, origin), labels)) < 1e-5)
    var generator = Philox(seed: 3, stream: "directions")
    for (index, parameter) in parameters.enumerated() {
      let direction = Tensor.normal(parameter.shape, using: &generator)
      let computed = Double(try #require(parameter.gradient).dot(direction))
      func moved(_ step: Double) -> Double {
        var values = origin
        values[index] = zip(origin[index], Self.matrix(direction)).map { zip($0, $1).map { $0 + step * $1 } }
        return Self.loss(reference(llama, values), labels)
      }
      let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5
      #expect(abs(computed - expected) < 1e-3 * abs(expected) + 1e-5, "parameter \(index): \(computed), \(expected)")
    }
  }

  private static func loss(_ logits: Matrix, _ labels: [Int]) -> Double {
    zip(logits, labels).reduce(0) { sum, row in
      let largest = row.0.max() ?? 0
      return sum + largest + log(row.0.reduce(0) { $0 + exp($1 - largest) }) - row.0[row.1]
    } / Double(labels.count)
  }

  private static func matrix(_ tensor: Tensor) -> Matrix {
    let width = tensor.shape[1]
    let scalars = tensor.scalars
    return (0..<tensor.shape[0]).map { scalars[$0 * width..<($0 + 1) * width].map(Double.init) }
  }

  static func product(_ a: Matrix, _ b: Matrix) -> Matrix {
    let columns = transposed(b)
    return a.map { row in columns.map { column in zip(row, column).reduce(0) { $0 + $1.0 * $1.1 } } }
  }

  static func transposed(_ a: Matrix) -> Matrix { (a.first ?? []).indices.map { column in a.map { $0[column] } } }
}
