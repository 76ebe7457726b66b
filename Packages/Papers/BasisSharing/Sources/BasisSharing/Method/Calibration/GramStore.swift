import LanguageModel
import TinyTensor

/// The Gram matrices G = XᵀX of calibration inputs, one per input site and layer (section 2 of the paper, "scaling").
///
/// Products are made in floats, sums in doubles; only the lower triangles are kept: 0.40 GB for SmolLM2-135M.
public struct GramStore: Sendable {
  /// Tokens that were summed.
  public internal(set) var tokens = 0
  var triangles: [GramKey: [Double]] = [:]
  var widths: [GramKey: Int] = [:]
  /// Σ |x| over tokens, per input: what ASVD scales with.
  var magnitudes: [GramKey: [Double]] = [:]

  /// An empty store.
  public init() {}

  /// The sites and layers with inputs.
  public var keys: Set<GramKey> { Set(widths.keys) }

  /// Adds XᵀX for activations X `[tokens, width]`.
  ///
  /// - Throws: ``BasisSharingError`` for activations that are not finite, or of another width than before.
  public mutating func accumulate(_ activations: Tensor, site: InputSite, layer: Int) throws(BasisSharingError) {
    let key = GramKey(site, layer: layer)
    let width = activations.shape[1]
    guard widths[key, default: width] == width else {
      throw .invalidGram("inputs of width \(width) do not fit a Gram of width \(widths[key] ?? 0)")
    }
    widths[key] = width
    let isFinite = GramKernel.accumulate(
      activations, into: &triangles[key, default: [Double](repeating: 0, count: GramKernel.count(width))],
      magnitudes: &magnitudes[key, default: [Double](repeating: 0, count: width)])
    guard isFinite else { throw .notFinite(site: site.rawValue, layer: layer) }
  }

  /// Σ |x| of every input over the tokens of some layers.
  ///
  /// - Throws: ``BasisSharingError`` for a layer without inputs.
  public func magnitudes(_ site: InputSite, layers: [Int]) throws(BasisSharingError) -> [Double] {
    var sum: [Double] = []
    for layer in layers {
      guard let found = magnitudes[GramKey(site, layer: layer)], sum.isEmpty || sum.count == found.count else {
        throw .invalidGram("there are no inputs of \(site.rawValue) in layer \(layer)")
      }
      sum = sum.isEmpty ? found : zip(sum, found).map(+)
    }
    return sum
  }

  /// Σ G over some layers: the inputs of a group stacked vertically.
  ///
  /// - Throws: ``BasisSharingError`` for a layer without inputs.
  public func gram(_ site: InputSite, layers: [Int]) throws(BasisSharingError) -> DoubleMatrix {
    guard let first = layers.first, let width = widths[GramKey(site, layer: first)] else {
      throw .invalidGram("there are no inputs of \(site.rawValue) in layers \(layers)")
    }
    var sum = [Double](repeating: 0, count: GramKernel.count(width))
    for layer in layers {
      guard let triangle = triangles[GramKey(site, layer: layer)], triangle.count == sum.count else {
        throw .invalidGram("there are no inputs of \(site.rawValue) in layer \(layer)")
      }
      for index in sum.indices { sum[index] += triangle[index] }
    }
    var result = DoubleMatrix(zeros: width, width)
    var next = 0
    for row in 0..<width {
      for column in 0...row {
        result.values[row * width + column] = sum[next]
        result.values[column * width + row] = sum[next]
        next += 1
      }
    }
    return result
  }
}
