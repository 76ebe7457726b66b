import Testing
import TinyTensor

@Suite struct ConvWorkTests {
  private var tile: Int { MachineProbe.channelTile }

  @Test func theDirectSumMakesEveryProductOfEveryLane() throws {
    // A stem: 32² outputs, 3 · 9 products each, in whole panels.
    let stem = try ConvGeometry(input: [1, 32, 32, 3], weight: [2 * tile, 3, 3, 3], padding: 1)
    let work = ConvWork(stem)
    #expect(work.products == stem.macs && work.outputs == 1024 * 2 * tile && work.transformed == 0)
    let cut = ConvWork(try ConvGeometry(input: [1, 32, 32, 3], weight: [2 * tile - 1, 3, 3, 3], padding: 1))
    #expect(cut == work)
  }

  @Test func winogradMakes36ProductsPerTile() throws {
    let g = try ConvGeometry(input: [1, 16, 14, 32], weight: [64, 32, 3, 3], padding: 1)
    let work = ConvWork(g, algorithm: .winograd)
    // 4 tiles down, 4 across (the last ones are cut).
    #expect(work.products == 16 * 36 * 32 * 64)
    #expect(work.transformed == 16 * 36 * (32 + 64))
    #expect(ConvWork(g, algorithm: .direct).products == g.macs)
  }

  @Test func packedWeightsAreCounted() throws {
    let g = try ConvGeometry(input: [1, 16, 16, 32], weight: [2 * tile, 32, 3, 3], padding: 1)
    #expect(ConvWork(g, algorithm: .direct).packedWeights == 9 * 32 * 2 * tile)
    #expect(ConvWork(g, algorithm: .winograd).packedWeights == 36 * 32 * 2 * tile)
  }

  @Test func theBatchDoesNotMatter() throws {
    let shapes = [1, 7].map { batch in try? ConvGeometry(input: [batch, 8, 8, 24], weight: [40, 24, 3, 3], padding: 1) }
    let works = shapes.compactMap { $0.map { ConvWork($0) } }
    #expect(works.count == 2 && works[0] == works[1])
  }

  @Test func groupsPadEachForItself() throws {
    let g = try ConvGeometry(input: [1, 8, 8, 4], weight: [2 * tile - 2, 2, 3, 3], padding: 1, groups: 2)
    #expect(ConvWork(g).outputs == 64 * 2 * tile)
  }
}
