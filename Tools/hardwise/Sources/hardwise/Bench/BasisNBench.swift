import BasisN
import TinyTensor

/// The hot loops of BasisN: crossbar products, the resistive grid, scheduling.
///
/// The peer is `Tools/peers/basisn_worker.py`: NumPy for the products, badcrossbar for the grid where it is installed.
enum BasisNBench {
  /// Vectors per repetition of a product.
  private static let vectors = 4_096
  private static let rows = 128
  private static let columns = 64

  static func items() -> [BenchItem] {
    let ideal = CrossbarConfiguration(
      dacBits: 1, converter: ConverterConfiguration(bits: 8, range: .explicit(127)))
    var noisy = ideal
    noisy.readNoise = 0.02
    let noise = noisy
    return Set([1, Threads.count]).sorted().map { threads in
      product("bit-serial product, ADC", ideal, work: "crossbar-mvm", threads: threads)
    } + [
      product("bit-serial product, ADC, read noise", noise, work: "crossbar-noise", threads: 1), gemm(), grid(),
      schedule(),
    ]
  }

  private static func levels() -> [Int8] {
    var generator = Philox(seed: 1, stream: "bench")
    return (0..<rows * columns).map { _ in Int8(generator.next(below: 31) - 15) }
  }

  /// 8-bit inputs, bit by bit, every signed column converted each time: `vectors` at once.
  private static func product(
    _ name: String, _ configuration: CrossbarConfiguration, work: String, threads: Int
  ) -> BenchItem {
    BenchItem(
      name: "\(name), \(rows)×\(columns)", threads: threads, work: 2 * 8 * Double(vectors * rows * columns),
      limit: .arithmetic, images: vectors, request: PeerRequest(work: work, batch: vectors, threads: threads)
    ) {
      try multiplication(configuration)
    }
  }

  /// The same shape as a plain float product: what the bars of the specification compare with.
  private static func gemm() -> BenchItem {
    BenchItem(
      name: "float product, \(rows)×\(columns)", threads: 1, work: 2 * Double(vectors * rows * columns),
      limit: .arithmetic, images: vectors, request: PeerRequest(work: "crossbar-gemm", batch: vectors, threads: 1)
    ) {
      var generator = Philox(seed: 3, stream: "bench")
      let x = Tensor.uniform([vectors, rows], using: &generator)
      let weights = Tensor.uniform([rows, columns], using: &generator)
      return { _ = matmul(x, weights) }
    }
  }

  /// Products through resistive wires, after the grid was turned into its effective matrix.
  private static func grid() -> BenchItem {
    BenchItem(
      name: "product through wires, \(rows)×\(2 * columns) cells", threads: 1,
      work: 2 * Double(vectors * rows * columns), limit: .arithmetic, images: vectors,
      request: PeerRequest(work: "crossbar-grid", batch: vectors, threads: 1)
    ) {
      var configuration = CrossbarConfiguration(wireResistance: 2.82)
      configuration.dacBits = 8
      return try multiplication(configuration)
    }
  }

  /// Programs a crossbar and returns what multiplies all vectors.
  private static func multiplication(_ configuration: CrossbarConfiguration) throws -> () throws -> Void {
    let simulator = try CrossbarSimulator(
      levels: levels(), rows: rows, columns: columns, configuration: configuration)
    var generator = Philox(seed: 2, stream: "bench")
    let x = (0..<vectors * rows).map { _ in UInt8(truncatingIfNeeded: generator.nextWord()) }
    return { _ = simulator.multiply(x, count: vectors) }
  }

  /// 100 000 jobs on 128 columns by first fit.
  private static func schedule() -> BenchItem {
    BenchItem(name: "schedule 100 000 jobs", threads: 1, work: 0, limit: .arithmetic) {
      var generator = Philox(seed: 5, stream: "bench")
      var jobs = JobSet(columns: 128)
      for kernel in 0..<100_000 {
        let used = Set((0..<9).map { _ in generator.next(below: 128) })
        jobs.append(columns: used.sorted(), label: .init(kernel: kernel, bit: 0))
      }
      let all = jobs
      return { _ = try ContestScheduler.schedule(all, lines: 32, rounds: 0) }
    }
  }
}
