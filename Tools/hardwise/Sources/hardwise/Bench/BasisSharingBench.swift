import BasisSharing
import LanguageModel
import ReproductionKit
import TinyTensor

/// The hot loops of BasisSharing: Grams beside plain products, eigenvectors, and a fifteenth of a whole compression.
///
/// The peer is `Tools/peers/basissharing_worker.py`: the paper's pipeline in PyTorch, with random weights of the same shapes.
enum BasisSharingBench {
  private static let window = 1024
  /// Windows per pair of layers: 15 pairs make 60 windows and all 30 layers of SmolLM2.
  private static let windows = 4

  /// - Throws: `DataCatalogError` or `ModelFileError` where SmolLM2 is not on this machine.
  static func items() throws -> [BenchItem] {
    let file = try ModelFile(contentsOf: DataCatalog().resolve("smollm2").url)
    var items: [BenchItem] = []
    for width in [576, 1536] {
      for threads in Set([1, Threads.count]).sorted() {
        items += [gram(width, threads: threads), product(width, threads: threads)]
      }
    }
    return items + [eigen(576), calibration(file), compression(file)]
  }

  private static func activations(_ width: Int) -> Tensor {
    var random = Philox(seed: 1, stream: "bench")
    return .normal([window, width], mean: 0, standardDeviation: 1, using: &random)
  }

  /// Only the triangle counts as work: d · (d + 1) multiply-adds per token.
  private static func gram(_ width: Int, threads: Int) -> BenchItem {
    BenchItem(
      name: "Gram of \(window)×\(width)", threads: threads, work: Double(window * width * (width + 1)),
      limit: .arithmetic,
      request: PeerRequest(work: "gram", size: width, tokens: window, threads: threads)
    ) {
      let x = activations(width)
      var store = GramStore()
      return { try store.accumulate(x, site: .down, layer: 0) }
    }
  }

  /// The plain product of the same shape, which the Gram's rate is compared with.
  private static func product(_ width: Int, threads: Int) -> BenchItem {
    BenchItem(
      name: "XᵀX of \(window)×\(width) as a plain product", threads: threads, work: 2 * Double(window * width * width),
      limit: .arithmetic
    ) {
      let x = activations(width)
      return { _ = matmul(x, x, transposeA: true) }
    }
  }

  private static func eigen(_ width: Int) -> BenchItem {
    BenchItem(
      name: "eigenvectors of \(width)×\(width), 64 bits", threads: Threads.count, work: 0, limit: .arithmetic,
      request: PeerRequest(work: "eigen", size: width, threads: Threads.count)
    ) {
      var random = Philox(seed: 2, stream: "bench")
      let x = DoubleMatrix(Tensor.normal([width, width], mean: 0, standardDeviation: 1, using: &random))
      let symmetric = x.transposed * x
      return { _ = try LinearAlgebra.symmetricEigen(symmetric) }
    }
  }

  private static func calibrator(_ file: ModelFile, windows: Int) throws -> Calibrator {
    var random = Philox(seed: 3, stream: "bench")
    let tokens = (0..<window * windows).map { _ in Int32(random.next(below: file.config.vocabulary)) }
    return try Calibrator(tokens: tokens, window: window, windows: windows)
  }

  /// Forward of one window with the Grams of all inputs of all layers.
  private static func calibration(_ file: ModelFile) -> BenchItem {
    let shapes = ModelShapes(file.config)
    let grams = InputSite.allCases.reduce(0) { sum, site in
      let width = LinearSite.allCases.first { $0.input == site }.map(shapes.inputs) ?? 0
      return sum + shapes.layers * width * (width + 1)
    }
    return BenchItem(
      name: "calibrate on one window of \(window)", threads: Threads.count,
      work: Double(window) * Double(2 * shapes.blockParameters + grams), limit: .arithmetic, images: window,
      request: PeerRequest(work: "calibrate", batch: 1, tokens: window, threads: Threads.count)
    ) {
      let model = try LlamaModel(file, options: .exact)
      let calibrator = try calibrator(file, windows: 1)
      return { _ = try calibrator.grams(model) }
    }
  }

  /// Four windows, and the factors of two of 30 layers: a fifteenth of a compression with 60 windows.
  private static func compression(_ file: ModelFile) -> BenchItem {
    BenchItem(
      name: "a fifteenth of a compression, gqa, n = 2, 60 windows", threads: Threads.count, work: 0, limit: .arithmetic,
      request: PeerRequest(work: "compress", batch: windows, tokens: window, threads: Threads.count)
    ) {
      let model = try LlamaModel(file, options: .exact)
      let calibrator = try calibrator(file, windows: windows)
      let plan = try SharingPlan.paper(
        shared: SharingPreset.gqa.shared, groupSize: 2, ratio: 0.2, shapes: ModelShapes(file.config))
      let pair = SharingPlan(groups: plan.groups.filter { $0.layers.allSatisfy([0, 1].contains) })
      return {
        let grams = try calibrator.grams(model)
        _ = try Compressor(model: model, grams: grams, smallestRatio: 0.999).compress(pair)
      }
    }
  }
}
