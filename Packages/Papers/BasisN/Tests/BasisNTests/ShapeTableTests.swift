import BasisN
import Testing

/// The table of section 4.2 of the specification: counts of seven networks on 128 × 128 crossbars.
@Suite struct ShapeTableTests {
  struct Row: Sendable {
    let name: String
    let layers, weights, macs, tiles, windowSlices, kernelSlices: Int
  }

  static let rows = [
    Row(
      name: "resnet20-cifar10", layers: 20, weights: 268_336, macs: 40_551_040, tiles: 59, windowSlices: 19_457,
      kernelSlices: 2_554),
    Row(
      name: "resnet18-cifar100", layers: 21, weights: 11_210_432, macs: 555_468_800, tiles: 1_375,
      windowSlices: 36_100, kernelSlices: 87_888),
    Row(
      name: "densenet121-cifar100", layers: 121, weights: 6_964_928, macs: 888_442_880, tiles: 1_159,
      windowSlices: 131_016, kernelSlices: 57_248),
    Row(
      name: "resnet18-224", layers: 21, weights: 11_678_912, macs: 1_814_073_344, tiles: 1_432, windowSlices: 132_500,
      kernelSlices: 91_552),
    Row(
      name: "resnet34-224", layers: 37, weights: 21_779_648, macs: 3_663_761_408, tiles: 2_666, windowSlices: 223_836,
      kernelSlices: 170_528),
    Row(
      name: "resnet50-224", layers: 54, weights: 25_502_912, macs: 4_089_184_256, tiles: 3_130, windowSlices: 193_664,
      kernelSlices: 199_936),
    Row(
      name: "densenet121-224", layers: 121, weights: 7_894_208, macs: 2_834_161_664, tiles: 1_272,
      windowSlices: 423_172, kernelSlices: 64_512),
  ]

  @Test(arguments: rows) func countsAreExact(_ row: Row) throws {
    let shape = try NetworkShape.builtIn(row.name)
    #expect(shape.layers.count == row.layers)
    #expect(shape.weights == row.weights)
    #expect(shape.macs == row.macs)
    #expect(shape.tiles() == row.tiles)
    #expect(shape.windowSlices() == row.windowSlices)
    #expect(shape.kernelSlices() == row.kernelSlices)
  }

  @Test func namesAreTheTables() { #expect(NetworkShape.builtInNames == Self.rows.map(\.name)) }

  @Test func unknownNamesAreRefused() {
    #expect(throws: BasisNError.self) { try NetworkShape.builtIn("resnet19") }
  }

  @Test func slicesCoverTheKernelOnce() {
    for reduction in 1...400 {
      for rule in Slicing.Rule.allCases {
        let slicing = Slicing(reduction: reduction, rows: 128, rule: rule)
        let ranges = (0..<slicing.count).map { slicing.range($0) }
        #expect(ranges.flatMap { Array($0) } == Array(0..<reduction))
        #expect(slicing.count == (reduction + 127) / 128)
        #expect(ranges.allSatisfy { !$0.isEmpty && $0.count <= slicing.length && slicing.length <= 128 })
      }
    }
    #expect(Slicing(reduction: 144, rows: 128).length == 72)
    #expect(Slicing(reduction: 144, rows: 128, rule: .full).length == 128)
  }

  @Test func impossibleShapesAreRefused() {
    #expect(throws: BasisNError.self) { try LayerShape(name: "l", outputs: 0, reduction: 9, windows: 1) }
    #expect(throws: BasisNError.self) { try LayerShape(name: "l", outputs: 3, reduction: 9, groups: 2, windows: 1) }
    #expect(throws: BasisNError.self) { try NetworkShape(name: "n", layers: []) }
  }
}
