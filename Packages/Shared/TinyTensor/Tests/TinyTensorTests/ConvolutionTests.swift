import Testing
import TinyTensor

@Suite struct ConvolutionTests {
  /// batch, height, width, in, out, kernel height, kernel width, stride, padding, dilation, groups.
  static let table: [[Int]] = [
    [2, 8, 8, 16, 16, 3, 3, 1, 1, 1, 1],
    [3, 9, 7, 3, 16, 3, 3, 1, 1, 1, 1],
    [2, 9, 7, 16, 32, 3, 3, 2, 1, 1, 1],
    [2, 8, 8, 16, 32, 1, 1, 2, 0, 1, 1],
    [2, 5, 6, 13, 27, 3, 3, 1, 1, 1, 1],
    [1, 7, 7, 27, 53, 3, 3, 2, 1, 1, 1],
    [2, 6, 5, 53, 13, 1, 1, 1, 0, 1, 1],
    [9, 4, 4, 33, 17, 3, 3, 1, 1, 1, 1],
    [1, 1, 1, 5, 7, 1, 1, 1, 0, 1, 1],
    [2, 3, 3, 4, 6, 3, 3, 1, 0, 1, 1],
    [2, 11, 10, 3, 8, 7, 7, 2, 3, 1, 1],
    [2, 10, 9, 6, 5, 5, 5, 1, 2, 1, 1],
    [2, 12, 12, 3, 24, 2, 2, 1, 0, 1, 1],
    [2, 12, 11, 8, 9, 2, 2, 2, 0, 1, 1],
    [2, 9, 9, 8, 8, 3, 3, 1, 2, 2, 1],
    [1, 13, 12, 4, 20, 3, 3, 2, 2, 2, 1],
    [2, 8, 7, 12, 18, 3, 3, 1, 1, 1, 3],
    [2, 8, 8, 32, 32, 3, 3, 1, 1, 1, 2],
    [2, 9, 8, 16, 16, 3, 3, 1, 1, 1, 16],
    [2, 9, 8, 21, 21, 3, 3, 2, 1, 1, 21],
    [1, 9, 8, 10, 20, 5, 5, 1, 2, 1, 10],
    [1, 6, 9, 5, 4, 1, 3, 1, 1, 1, 1],
    [1, 6, 9, 5, 4, 3, 1, 2, 1, 1, 1],
    [10, 6, 6, 16, 64, 3, 3, 1, 1, 1, 1],
    [1, 20, 19, 64, 64, 3, 3, 1, 1, 1, 1],
    [2, 8, 8, 3, 64, 3, 3, 1, 3, 1, 1],
    [1, 5, 5, 130, 40, 3, 3, 1, 1, 1, 1],
    [0, 8, 8, 16, 16, 3, 3, 1, 1, 1, 1],
    // Whole and cut tiles of Winograd's algorithm, several blocks of them, channels that end inside of a vector or a panel.
    [5, 16, 16, 32, 32, 3, 3, 1, 1, 1, 1],
    [3, 13, 10, 19, 45, 3, 3, 1, 0, 1, 1],
    [2, 6, 11, 9, 33, 3, 3, 1, 2, 1, 1],
    [70, 3, 5, 40, 24, 3, 3, 1, 1, 1, 1],
    [1, 33, 34, 8, 8, 3, 3, 1, 1, 1, 1],
    // Small padded images in batches: cut into regions.
    [24, 2, 2, 96, 64, 3, 3, 1, 1, 1, 1],
    [24, 4, 3, 64, 40, 3, 3, 1, 1, 1, 1],
    [12, 4, 4, 48, 64, 5, 5, 1, 2, 1, 1],
    [48, 5, 4, 48, 64, 3, 3, 2, 1, 1, 1],
    [12, 6, 5, 48, 64, 3, 3, 1, 2, 2, 1],
    [24, 4, 4, 128, 96, 3, 3, 1, 1, 1, 2],
    // Many weights: their gradient is one blocked product.
    [3, 4, 4, 136, 140, 3, 3, 1, 1, 1, 1],
    [2, 6, 5, 134, 141, 3, 3, 2, 0, 1, 1],
    [2, 5, 4, 400, 410, 1, 1, 1, 0, 1, 1],
    // Depthwise, whose inner columns take another path than the border.
    [2, 5, 6, 64, 64, 3, 3, 1, 1, 1, 64],
    [1, 7, 11, 9, 9, 3, 3, 2, 1, 1, 9],
    [1, 9, 9, 17, 17, 3, 3, 1, 2, 2, 17],
    [1, 3, 4, 40, 40, 3, 3, 1, 0, 1, 40],
    [1, 2, 2, 8, 8, 3, 3, 1, 1, 1, 8],
    [1, 4, 9, 6, 6, 3, 3, 1, 2, 1, 6],
  ]

  static func geometry(_ row: [Int]) throws -> ConvGeometry {
    try ConvGeometry(
      batch: row[0], inputHeight: row[1], inputWidth: row[2], inputChannels: row[3], outputChannels: row[4],
      kernelHeight: row[5], kernelWidth: row[6], stride: row[7], padding: row[8], dilation: row[9], groups: row[10])
  }

  @Test(arguments: table) func forwardAgrees(_ row: [Int]) throws {
    let g = try Self.geometry(row)
    let (x, w, b) = (sample(g.inputShape), sample(g.weightShape, "w"), sample([g.outputChannels], "b"))
    let depth = g.inputChannels / g.groups * g.kernelHeight * g.kernelWidth
    let expected = ReferenceConvolution(g: g).forward(x, w, bias: b)
    for algorithm in ConvAlgorithm.allCases {
      let note = "forward \(row), \(algorithm)"
      let run = { conv2d(x, weight: w, bias: b, geometry: g, algorithm: algorithm) }
      agrees(run(), expected, reduction: depth, note)
      expectThreadIndependence(note) { [run()] }
    }
  }

  @Test(arguments: table) func inputGradientAgrees(_ row: [Int]) throws {
    let g = try Self.geometry(row)
    let (dy, w) = (sample(g.outputShape, "dy"), sample(g.weightShape, "w"))
    let depth = g.outputChannels / g.groups * g.kernelHeight * g.kernelWidth
    let expected = ReferenceConvolution(g: g).inputGradient(dy, w)
    for algorithm in ConvAlgorithm.allCases {
      let note = "input gradient \(row), \(algorithm)"
      let run = { conv2dInputGradient(dy, weight: w, geometry: g, algorithm: algorithm) }
      agrees(run(), expected, reduction: depth, note)
      expectThreadIndependence(note) { [run()] }
    }
  }

  @Test(arguments: table) func weightGradientAgrees(_ row: [Int]) throws {
    let g = try Self.geometry(row)
    let (x, dy) = (sample(g.inputShape), sample(g.outputShape, "dy"))
    let depth = g.batch * g.outputHeight * g.outputWidth
    let expected = ReferenceConvolution(g: g).weightGradient(x, dy)
    for algorithm in ConvAlgorithm.allCases {
      let note = "weight gradient \(row), \(algorithm)"
      let run = { conv2dWeightGradient(x, dy, geometry: g, algorithm: algorithm) }
      agrees(run(), expected, reduction: depth, note)
      expectThreadIndependence(note) { [run()] }
    }
  }

  @Test(arguments: table) func packedConvFusesItsEpilogue(_ row: [Int]) throws {
    let g = try Self.geometry(row)
    let (x, w, b) = (sample(g.inputShape), sample(g.weightShape, "w"), sample([g.outputChannels], "b"))
    let residual = sample(g.outputShape, "residual")
    let depth = g.inputChannels / g.groups * g.kernelHeight * g.kernelWidth
    let plain = ReferenceConvolution(g: g).forward(x, w, bias: b)
    var finished = plain
    let extra = residual.scalars
    for index in finished.values.indices { finished.values[index] = max(0, plain.values[index] + Double(extra[index])) }
    for algorithm in ConvAlgorithm.allCases {
      let conv = PackedConv(
        weight: w, bias: b, stride: g.stride, padding: g.padding, dilation: g.dilation, groups: g.groups,
        algorithm: algorithm)
      let note = "packed \(row), \(algorithm)"
      agrees(conv(x), plain, reduction: depth, note)
      agrees(conv(x, adding: residual, relu: true), finished, reduction: depth, note + ", residual, ReLU")
      expectThreadIndependence(note) { [conv(x, adding: residual, relu: true)] }
    }
  }

  @Test func impossibleGeometriesAreErrors() {
    #expect(throws: ConvGeometryError.self) { try Self.geometry([1, 2, 2, 3, 4, 3, 3, 1, 0, 1, 1]) }
    #expect(throws: ConvGeometryError.self) { try Self.geometry([1, 8, 8, 3, 4, 3, 3, 0, 0, 1, 1]) }
    #expect(throws: ConvGeometryError.self) { try Self.geometry([1, 8, 8, 3, 4, 3, 3, 1, -1, 1, 1]) }
    #expect(throws: ConvGeometryError.self) { try Self.geometry([1, 8, 8, 3, 4, 3, 3, 1, 1, 1, 2]) }
    #expect(throws: ConvGeometryError.self) { try Self.geometry([1, 8, 8, 0, 4, 3, 3, 1, 1, 1, 1]) }
    #expect(throws: ConvGeometryError.self) { try ConvGeometry(input: [1, 8, 8], weight: [4, 3, 3, 3]) }
    #expect(throws: ConvGeometryError.self) { try ConvGeometry(input: [1, 8, 8, 3], weight: [4, 4, 3, 3]) }
  }

  @Test func geometryCountsOperations() throws {
    let g = try ConvGeometry(input: [1, 32, 32, 16], weight: [16, 16, 3, 3], padding: 1)
    #expect(g.outputShape == [1, 32, 32, 16])
    #expect(g.macs == 2_359_296)
  }
}
