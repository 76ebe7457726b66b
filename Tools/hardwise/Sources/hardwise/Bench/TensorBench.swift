import TinyTensor

/// The hot loops of TinyTensor: matrix products and the convolutions of a CIFAR ResNet.
enum TensorBench {
  static func items() throws -> [BenchItem] {
    let threads = Threads.count
    var items: [BenchItem] = []
    for size in [512, 1024, 2048] {
      for count in Set([1, threads]).sorted() { items.append(gemm(size, threads: count)) }
    }
    for (channels, pixels) in [(16, 32), (32, 16), (64, 8)] {
      items += try convolution(channels: channels, pixels: pixels, threads: threads)
    }
    return items
  }

  private static func gemm(_ size: Int, threads: Int) -> BenchItem {
    var generator = Philox(seed: 1, stream: "bench")
    let a = Tensor.normal([size, size], using: &generator)
    let b = Tensor.normal([size, size], using: &generator)
    return BenchItem(
      name: "GEMM \(size)", threads: threads, work: 2 * Double(size * size * size), limit: .arithmetic,
      request: PeerRequest(work: "gemm", size: size, threads: threads),
      body: { _ = matmul(a, b) })
  }

  private static func convolution(channels: Int, pixels: Int, threads: Int) throws -> [BenchItem] {
    let geometry = try ConvGeometry(
      input: [128, pixels, pixels, channels], weight: [channels, channels, 3, 3], padding: 1)
    var generator = Philox(seed: 2, stream: "bench")
    let x = Tensor.normal(geometry.inputShape, using: &generator)
    let weight = Tensor.normal(geometry.weightShape, using: &generator)
    let work = 2 * Double(geometry.macs)
    let name = "conv 3×3, \(channels) channels, \(pixels)²×128"
    return [
      BenchItem(name: name + ", forward", threads: threads, work: work, limit: .arithmetic) {
        _ = conv2d(x, weight: weight, geometry: geometry)
      },
      BenchItem(name: name + ", input gradient", threads: threads, work: work, limit: .arithmetic) {
        _ = conv2dInputGradient(x, weight: weight, geometry: geometry)
      },
      BenchItem(name: name + ", weight gradient", threads: threads, work: work, limit: .arithmetic) {
        _ = conv2dWeightGradient(x, x, geometry: geometry)
      },
    ]
  }
}
