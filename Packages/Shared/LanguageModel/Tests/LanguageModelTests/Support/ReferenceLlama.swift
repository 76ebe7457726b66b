import Foundation
import LanguageModel
import TinyTensor

/// The transformer written down plainly in double precision, for one sequence without a cache.
struct ReferenceLlama {
  typealias Row = [Double]
  let config: LlamaConfig
  private let weights: [LlamaTensor: [Row]]

  init(_ config: LlamaConfig, _ matrix: (LlamaTensor) throws -> QuantizedMatrix) rethrows {
    self.config = config
    var weights: [LlamaTensor: [Row]] = [:]
    for tensor in LlamaTensor.all(in: config) {
      let dense = try matrix(tensor)
      weights[tensor] = (0..<dense.rows).map { dense.dequantizedRow($0).map(Double.init) }
    }
    self.weights = weights
  }

  /// The same transformer with some weights replaced.
  func replacing(_ changed: [LlamaTensor: [Row]]) -> ReferenceLlama {
    ReferenceLlama(config: config, weights: weights.merging(changed) { $1 })
  }

  private init(config: LlamaConfig, weights: [LlamaTensor: [Row]]) {
    self.config = config
    self.weights = weights
  }

  /// A matrix of weights.
  func weight(_ tensor: LlamaTensor) -> [Row] { weights[tensor] ?? [] }

  /// The input embeddings of tokens.
  func embed(_ tokens: [Int32]) -> [Row] { tokens.map { weight(.tokenEmbedding)[Int($0)] } }

  /// Logits of all tokens; `allowed(i, j)` says whether token i attends to token j ≤ i.
  func logits(
    _ tokens: [Int32], positions: [Int]? = nil, allowed: (Int, Int) -> Bool = { _, _ in true }
  ) -> [Row] {
    logits(embeddings: embed(tokens), positions: positions, allowed: allowed)
  }

  func logits(
    embeddings: [Row], positions: [Int]? = nil, allowed: (Int, Int) -> Bool = { _, _ in true }
  ) -> [Row] {
    var hidden = embeddings
    let positions = positions ?? Array(hidden.indices)
    for layer in 0..<config.layers {
      let normed = hidden.map { norm($0, .attentionNorm(layer: layer)) }
      let q = zip(normed, positions).map { x, position in
        rotated(project(x, .query(layer: layer), .queryBias(layer: layer)), position)
      }
      let k = zip(normed, positions).map { x, position in
        rotated(project(x, .key(layer: layer), .keyBias(layer: layer)), position)
      }
      let v = normed.map { project($0, .value(layer: layer), .valueBias(layer: layer)) }
      for i in hidden.indices {
        let heads = attend(q[i], k, v, (0...i).filter { allowed(i, $0) })
        hidden[i] = add(hidden[i], project(heads, .attentionOutput(layer: layer)))
      }
      for i in hidden.indices {
        let normed = norm(hidden[i], .feedForwardNorm(layer: layer))
        let gate = project(normed, .gate(layer: layer))
        let up = project(normed, .up(layer: layer))
        let inner = zip(gate, up).map { $0 / (1 + exp(-$0)) * $1 }
        hidden[i] = add(hidden[i], project(inner, .down(layer: layer)))
      }
    }
    return hidden.map { project(norm($0, .outputNorm), config.tiedEmbedding ? .tokenEmbedding : .output) }
  }

  private func add(_ a: Row, _ b: Row) -> Row { zip(a, b).map(+) }

  private func norm(_ x: Row, _ weight: LlamaTensor) -> Row {
    let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    let scale = 1 / (mean + Double(config.rmsEpsilon)).squareRoot()
    return zip(x, weights[weight]?[0] ?? []).map { $0 * scale * $1 }
  }

  private func project(_ x: Row, _ matrix: LlamaTensor, _ bias: LlamaTensor? = nil) -> Row {
    var y = (weights[matrix] ?? []).map { row in zip(row, x).reduce(0) { $0 + $1.0 * $1.1 } }
    if let bias, let values = weights[bias]?[0] { y = add(y, values) }
    return y
  }

  private func rotated(_ x: Row, _ position: Int) -> Row {
    var y = x
    let half = config.headSize / 2
    for head in 0..<x.count / config.headSize {
      for i in 0..<half {
        let angle = Double(position) * pow(Double(config.ropeBase), -2 * Double(i) / Double(config.headSize))
        let (a, b) = config.ropePairing == .interleaved ? (2 * i, 2 * i + 1) : (i, i + half)
        let base = head * config.headSize
        y[base + a] = x[base + a] * cos(angle) - x[base + b] * sin(angle)
        y[base + b] = x[base + a] * sin(angle) + x[base + b] * cos(angle)
      }
    }
    return y
  }

  private func attend(_ q: Row, _ k: [Row], _ v: [Row], _ slots: [Int]) -> Row {
    var output: Row = []
    let size = config.headSize
    for head in 0..<config.heads {
      let base = head / (config.heads / config.kvHeads) * size
      let scores = slots.map { slot in
        (0..<size).reduce(0) { $0 + q[head * size + $1] * k[slot][base + $1] } / Double(size).squareRoot()
      }
      let largest = scores.max() ?? 0
      let weights = scores.map { exp($0 - largest) }
      let total = weights.reduce(0, +)
      for i in 0..<size {
        output.append(zip(slots, weights).reduce(0) { $0 + $1.1 * v[$1.0][base + i] } / total)
      }
    }
    return output
  }

  /// As a tensor, to compare with.
  static func tensor(_ rows: [Row]) -> Tensor {
    Tensor(shape: [rows.count, rows.first?.count ?? 0], rows.flatMap { $0.map(Float.init) })
  }
}
