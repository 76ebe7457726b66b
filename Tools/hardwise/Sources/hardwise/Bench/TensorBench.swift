import TinyTensor

/// The hot loops of TinyTensor: matrix products in three precisions, the convolutions of a CIFAR ResNet, and the loops that memory
/// limits. Convolutions name their algorithm; rates count the nominal nine products per output and channel pair, so that Winograd's
/// may exceed the machine's limit: it makes fewer products.
enum TensorBench {
  static func items() throws -> [BenchItem] {
    let threads = Threads.count
    let counts = Set([1, threads]).sorted()
    var items: [BenchItem] = []
    for size in [512, 1024, 2048] { items += counts.map { floats(size, threads: $0) } }
    items += counts.map { bfloats(1024, threads: $0) } + counts.map { bytes(1024, threads: $0) }
    for (channels, pixels) in [(16, 32), (32, 16), (64, 8)] {
      items += try convolution(
        "conv 3×3, \(channels) channels, \(pixels)²×128", input: [128, pixels, pixels, channels],
        weight: [channels, channels, 3, 3], threads: threads)
    }
    items += try convolution(
      "stem 3×3, 3→16 channels, 32²×128", input: [128, 32, 32, 3], weight: [16, 3, 3, 3], threads: threads)
    items += try convolution(
      "depthwise 3×3, 64 channels, 32²×64", input: [64, 32, 32, 64], weight: [64, 1, 3, 3], groups: 64,
      threads: threads)
    return items + [maxPool(threads: threads)]
  }

  private static func matrices(_ size: Int) -> (Tensor, Tensor) {
    var generator = Philox(seed: 1, stream: "bench")
    return (Tensor.normal([size, size], using: &generator), Tensor.normal([size, size], using: &generator))
  }

  private static func product(
    _ name: String, _ kind: ProductKind, size: Int, bytesPerElement: Int, threads: Int,
    _ prepare: @escaping (Tensor, Tensor) -> () -> Void
  ) -> BenchItem {
    BenchItem(
      name: "GEMM \(name)\(size)", threads: threads, work: 2 * Double(size * size * size), limit: .products(kind),
      bytes: Double(size * size * (2 * bytesPerElement + 4)),
      request: PeerRequest(work: "gemm", size: size, precision: kind.rawValue, threads: threads)
    ) {
      let (a, b) = matrices(size)
      return prepare(a, b)
    }
  }

  private static func floats(_ size: Int, threads: Int) -> BenchItem {
    product("", .float32, size: size, bytesPerElement: 4, threads: threads) { a, b in { _ = matmul(a, b) } }
  }

  private static func bfloats(_ size: Int, threads: Int) -> BenchItem {
    product("bfloat16 ", .bfloat16, size: size, bytesPerElement: 2, threads: threads) { a, b in
      let (x, y) = (RowMajorMatrix<BFloat16>(a), RowMajorMatrix<BFloat16>(b))
      return { _ = matmul(x, y) }
    }
  }

  private static func bytes(_ size: Int, threads: Int) -> BenchItem {
    product("int8 ", .int8, size: size, bytesPerElement: 1, threads: threads) { a, b in
      let (x, y) = (RowMajorMatrix<Int8>(quantizing: a, scale: 0.03), RowMajorMatrix<Int8>(quantizing: b, scale: 0.03))
      return { _ = matmul(x, y) }
    }
  }

  private static func convolution(
    _ name: String, input: [Int], weight: [Int], groups: Int = 1, threads: Int
  ) throws -> [BenchItem] {
    let geometry = try ConvGeometry(input: input, weight: weight, padding: 1, groups: groups)
    let floats = [geometry.inputShape, geometry.outputShape, geometry.weightShape].map { $0.reduce(1, *) }
    let item = { (pass: String, prepare: @escaping (Tensor, Tensor, Tensor) -> () -> Void) in
      BenchItem(
        name: "\(name), \(pass), \(ConvAlgorithm.automatic.resolved(for: geometry))", threads: threads,
        work: 2 * Double(geometry.macs), limit: .arithmetic,
        bytes: 4 * Double(floats.reduce(0, +))
      ) {
        var generator = Philox(seed: 2, stream: "bench")
        return prepare(
          .normal(geometry.inputShape, using: &generator), .normal(geometry.outputShape, using: &generator),
          .normal(geometry.weightShape, using: &generator))
      }
    }
    return [
      item("forward") { x, _, weight in { _ = conv2d(x, weight: weight, geometry: geometry) } },
      item("input gradient") { _, dy, weight in { _ = conv2dInputGradient(dy, weight: weight, geometry: geometry) } },
      item("weight gradient") { x, dy, _ in { _ = conv2dWeightGradient(x, dy, geometry: geometry) } },
    ]
  }

  private static func maxPool(threads: Int) -> BenchItem {
    let shape = [64, 32, 32, 64]
    let count = Double(shape.reduce(1, *))
    // Reads the input, writes a quarter of it twice: values and indices.
    return BenchItem(
      name: "max-pool 2×2, 64 channels, 32²×64", threads: threads, work: 4 * 1.5 * count, limit: .memory
    ) {
      var generator = Philox(seed: 3, stream: "bench")
      let x = Tensor.normal(shape, using: &generator)
      return { _ = maxPool2d(x, kernel: 2, stride: 2) }
    }
  }
}
