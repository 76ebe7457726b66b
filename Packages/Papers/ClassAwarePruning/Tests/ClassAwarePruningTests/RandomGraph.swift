import TinyTensor
import VisionModels

/// Random networks of all the operations that the closure sees through.
struct RandomGraph {
  private var generator: Philox
  private var builder = NetworkBuilder()
  private var maps: [(name: String, channels: Int, size: Int)] = []
  private var next = 0

  static func make(seed: UInt64) throws -> Network {
    var graph = RandomGraph(generator: Philox(seed: seed, stream: "graph"))
    return try graph.build(seed: seed)
  }

  private mutating func build(seed: UInt64) throws -> Network {
    maps = [(builder.input, 3, 8)]
    convolution(maps[0])
    for _ in 0..<4 + generator.next(below: 8) { step() }
    // Everything that nobody reads yet goes to the end, resized and lined up.
    let read = Set(builder.nodes.flatMap(\.inputs))
    let loose = maps.filter { !read.contains($0.name) && $0.name != builder.input }
    var vectors: [String] = []
    var width = 0
    for map in loose {
      if generator.next(below: 2) == 0 {
        vectors.append(builder.add(name("gap"), .globalAveragePool, map.name))
        width += map.channels
      } else {
        vectors.append(builder.add(name("flat"), .flatten, map.name))
        width += map.channels * map.size * map.size
      }
    }
    var x = vectors.count == 1 ? vectors[0] : builder.add(name("join"), .concat, vectors)
    if generator.next(below: 2) == 0 {
      x = builder.add(name("hidden"), .linear(Linear(inputFeatures: width, outputFeatures: 12)), x)
      x = builder.batchNorm(name("norm"), x, channels: 12)
      x = builder.add(name("act"), .relu, x)
      width = 12
    }
    _ = builder.add("logits", .linear(Linear(inputFeatures: width, outputFeatures: 5)), x)
    var network = try builder.build(name: "random\(seed)", inputShape: [8, 8, 3])
    Fixtures.randomize(&network, seed: seed)
    return network
  }

  private init(generator: Philox) { self.generator = generator }

  private mutating func name(_ kind: String) -> String {
    next += 1
    return "\(kind)\(next)"
  }

  private mutating func pick() -> (name: String, channels: Int, size: Int) {
    maps[1 + generator.next(below: maps.count - 1)]
  }

  private mutating func step() {
    let map = pick()
    switch generator.next(below: 8) {
    case 0, 1: convolution(map)
    case 2: addition(map)
    case 3: concatenation(map)
    case 4:
      let groups = map.channels % 2 == 0 && generator.next(below: 2) == 0 ? 2 : map.channels
      append(
        .conv2d(
          Conv2d(
            inputChannels: map.channels, outputChannels: map.channels, kernel: 3, padding: 1, groups: groups,
            bias: true)), map, map.channels, map.size)
    case 5:
      if map.size >= 4 {
        append(.padShortcut(PadShortcut(stride: 2, before: 1, after: 2)), map, map.channels + 3, (map.size + 1) / 2)
      }
    case 6:
      if map.size >= 4 {
        let pool = Pool(kernel: 2)
        append(
          generator.next(below: 2) == 0 ? .maxPool(pool) : .avgPool(pool, countIncludePad: true), map, map.channels,
          map.size / 2)
      }
    default:
      append(
        generator.next(below: 2) == 0 ? .batchNorm(BatchNorm(channels: map.channels)) : .silu, map, map.channels,
        map.size)
    }
  }

  private mutating func convolution(_ map: (name: String, channels: Int, size: Int)) {
    let outputs = 3 + generator.next(below: 7)
    let kernel = generator.next(below: 2) == 0 ? 1 : 3
    let biased = generator.next(below: 2) == 0
    var x = builder.convolution(name("conv"), map.name, from: map.channels, to: outputs, kernel: kernel, bias: biased)
    if generator.next(below: 3) > 0 { x = builder.batchNorm(name("bn"), x, channels: outputs) }
    x = builder.add(name("relu"), .relu, x)
    maps.append((x, outputs, map.size))
  }

  private mutating func addition(_ map: (name: String, channels: Int, size: Int)) {
    let partner = maps.dropFirst().last { $0.name != map.name && $0.channels == map.channels && $0.size == map.size }
    if let partner {
      maps.append((builder.add(name("add"), .add, map.name, partner.name), map.channels, map.size))
    } else {
      let x = builder.convolution(name("conv"), map.name, from: map.channels, to: map.channels, kernel: 3)
      maps.append((builder.add(name("add"), .add, map.name, x), map.channels, map.size))
    }
  }

  private mutating func concatenation(_ map: (name: String, channels: Int, size: Int)) {
    guard let partner = maps.dropFirst().last(where: { $0.size == map.size }) else { return }
    maps.append(
      (builder.add(name("concat"), .concat, map.name, partner.name), map.channels + partner.channels, map.size))
  }

  private mutating func append(
    _ op: Node.Operation, _ map: (name: String, channels: Int, size: Int), _ channels: Int, _ size: Int
  ) {
    maps.append((builder.add(name(op.kind), op, map.name), channels, size))
  }
}
