import LanguageModel
import Testing
import TinyTensor

@Suite("Linear operators")
struct OperatorTests {
  private static func random(_ shape: [Int], _ stream: String) -> Tensor {
    var generator = Philox(seed: 11, stream: stream)
    return .normal(shape, using: &generator)
  }

  @Test("packed weights are the weights of the file, to the bit", arguments: TensorType.allCases)
  func weights(type: TensorType) throws {
    var generator = Philox(seed: 2, stream: type.name)
    let matrix = RandomBlocks.small(
      type == .f32 || type == .f16 || type == .bf16 ? .q8_0 : type, rows: 37, columns: 512, using: &generator)
    let source = matrix.type == type ? matrix : try QuantizedMatrix(quantizing: matrix.dequantized(), as: type)
    #expect(DenseLinear(source, identifier: "w").weight == source.dequantized())
  }

  @Test(
    "exact products equal a double precision sum",
    arguments: [TensorType.q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q4_K, .q5_K, .q6_K, .f16])
  func exact(type: TensorType) throws {
    for (rows, columns, count) in [(1, 256, 1), (16, 256, 7), (37, 512, 13), (100, 256, 3), (65, 768, 100)] {
      var generator = Philox(seed: 4, stream: type.name)
      let matrix =
        type == .f16
        ? try QuantizedMatrix(quantizing: Self.random([rows, columns], "w"), as: .f16)
        : RandomBlocks.small(type, rows: rows, columns: columns, using: &generator)
      let x = Self.random([count, columns], "x")
      let y = DenseLinear(matrix, identifier: "w").apply(x, numerics: .exact)
      let expected = Self.product(x, matrix.dequantized())
      #expect(largestDifference(y, expected) < 1e-5 * expected.norm() + 1e-5)
    }
  }

  @Test(
    "fast products equal exact products of the rounded activations",
    arguments: [TensorType.q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q4_K, .q5_K])
  func fast(type: TensorType) {
    for (rows, columns, count) in [(16, 256, 1), (37, 512, 13), (70, 256, 3), (65, 768, 100)] {
      var generator = Philox(seed: 4, stream: type.name)
      let matrix = RandomBlocks.small(type, rows: rows, columns: columns, using: &generator)
      let x = Self.random([count, columns], "x")
      let y = DenseLinear(matrix, identifier: "w").apply(x, numerics: .fast)
      let expected = Self.product(Self.rounded(x), matrix.dequantized())
      #expect(largestDifference(y, expected) < 1e-5 * expected.norm() + 1e-5)
      for row in [0, count - 1] {
        let single = DenseLinear(matrix, identifier: "w").apply(x.slice(row..<row + 1), numerics: .fast)
        #expect(single == y.slice(row..<row + 1))
      }
    }
  }

  /// 8 bits with one scale per block of 32, as the kernels round.
  private static func rounded(_ x: Tensor) -> Tensor {
    var values = x.scalars
    for block in stride(from: 0, to: values.count, by: 32) {
      let largest = values[block..<block + 32].reduce(0) { max($0, abs($1)) }
      let scale = largest / 127
      for index in block..<block + 32 {
        values[index] = scale * (values[index] * (127 / largest)).rounded(.toNearestOrEven)
      }
    }
    return Tensor(shape: x.shape, values)
  }

  private static func product(_ x: Tensor, _ weight: Tensor) -> Tensor {
    let (rows, columns) = (weight.shape[0], weight.shape[1])
    let (a, b) = (x.scalars, weight.scalars)
    let values = (0..<x.shape[0]).flatMap { row in
      (0..<rows).map { output in
        Float((0..<columns).reduce(0.0) { $0 + Double(a[row * columns + $1]) * Double(b[output * columns + $1]) })
      }
    }
    return Tensor(shape: [x.shape[0], rows], values)
  }

  @Test("factored and adapted maps equal their dense weights", arguments: [1, 5, 40])
  func composed(count: Int) throws {
    let x = Self.random([count, 96], "x")
    let factored = FactoredLinear(
      basis: Self.random([96, 20], "b"), coefficients: Self.random([20, 64], "c"), identifier: "f")
    #expect(factored.weight.shape == [64, 96])
    let expected = matmul(x, factored.weight, transposeB: true)
    #expect(largestDifference(factored.apply(x, numerics: .exact), expected) < 1e-3)
    let base = DenseLinear(try QuantizedMatrix(quantizing: Self.random([64, 96], "w"), as: .q4_1), identifier: "w")
    let lora = LoRALinear(
      base: base, down: Self.random([4, 96], "d"), up: Self.random([64, 4], "u"), scale: 0.5, identifier: "l")
    let adapted = lora.apply(x, numerics: .exact)
    #expect(largestDifference(adapted, matmul(x, lora.weight, transposeB: true)) < 1e-3)
    #expect(largestDifference(lora.merged().apply(x, numerics: .exact), adapted) < 1e-3)
  }

  @Test("replaced maps are used, and the identity changes")
  func replacement() throws {
    let model = try TinyLlama.make()
    let addresses = LinearSite.allCases.map { LinearAddress(layer: 1, site: $0) }
    var same: [LinearAddress: any LinearOperator] = [:]
    for address in addresses { same[address] = PlainLinear(model.linear(address).weight) }
    let variant = try model.replacing(same)
    #expect(variant.identity != model.identity)
    let tokens = TinyLlama.tokens(30)
    var a = model.makeCache()
    var b = variant.makeCache()
    let expected = try model.forward(tokens, cache: &a, logits: .all)
    #expect(largestDifference(try variant.forward(tokens, cache: &b, logits: .all), expected) < 1e-4)
    #expect(throws: LanguageModelError.self) { try model.forward([1], cache: &b) }
    let basis = DenseLinear(Self.random([12, 96], "b"), identifier: "shared")
    var factored: [LinearAddress: any LinearOperator] = [:]
    for (layer, site) in [(0, LinearSite.query), (0, .key), (2, .gate), (2, .up)] {
      let address = LinearAddress(layer: layer, site: site)
      let width = model.linear(address).outputWidth
      factored[address] = FactoredLinear(
        basis: basis, coefficients: DenseLinear(Self.random([width, 12], "c\(layer)\(site)"), identifier: "c"))
    }
    let small = try model.replacing(factored)
    var dense: [LinearAddress: any LinearOperator] = [:]
    for (address, linear) in factored { dense[address] = DenseLinear(linear.weight, identifier: "d") }
    let large = try model.replacing(dense)
    var c = small.makeCache()
    var d = large.makeCache()
    let x = try small.forward(tokens, cache: &c, logits: .all)
    let y = try large.forward(tokens, cache: &d, logits: .all)
    #expect(largestDifference(x, y) < 2e-3)
    #expect(throws: LanguageModelError.self) {
      try model.replacing([LinearAddress(layer: 0, site: .key): PlainLinear(Tensor(zeros: [96, 96]))])
    }
    #expect(throws: LanguageModelError.self) {
      try model.replacing([LinearAddress(layer: 3, site: .key): PlainLinear(Tensor(zeros: [32, 96]))])
    }
  }
}

/// An operator of one's own.
struct PlainLinear: LinearOperator {
  let weight: Tensor
  init(_ weight: Tensor) { self.weight = weight }
  var inputWidth: Int { weight.shape[1] }
  var outputWidth: Int { weight.shape[0] }
  var identifier: String { "plain" }
  func apply(_ input: Tensor, numerics: Numerics) -> Tensor { matmul(input, weight, transposeB: true) }
}
