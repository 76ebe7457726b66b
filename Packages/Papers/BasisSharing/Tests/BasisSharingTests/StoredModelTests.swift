import BasisSharing
import LanguageModel
import ReproductionKit
import Testing

@Suite struct StoredModelTests {
  private let file: ModelFile
  private let model: LlamaModel
  private let tokens: [Int32]

  init() throws { (file, model, tokens) = try Fixtures.tiny() }

  @Test func bytesAreThoseOfTheFile() throws {
    let all = file.tensors.reduce(0) { $0 + $1.byteCount }
    #expect(StoredModel.blockBytes(file) + StoredModel.otherBytes(file) == all)
    let eight = StoredModel(model, as: .q8_0)
    #expect(eight.name == "Q8_0 dense")
    #expect(eight.blockBytes == ModelShapes(model.config).blockParameters / 32 * 34)
    #expect(try eight.load().options.numerics == .fast)

    let folder = try TemporaryFolder()
    let (_, compressor, _) = try Fixtures.compressor()
    let plan = try SharingPlan.paper(shared: [.gate], groupSize: 2, ratio: 0.4, shapes: compressor.shapes)
    let compressed = try compressor.compress(plan)
    try compressed.write(to: folder.file("small"), source: file, precision: .q8_0)
    let small = try ModelFile(contentsOf: folder.file("small"))
    #expect(
      StoredModel.blockBytes(small) == compressed.blockBytes(factors: .q8_0, dense: StoredModel.format(of: file)))
    #expect(StoredModel.otherBytes(small) == StoredModel.otherBytes(file))
  }

  @Test func everyModelHasAThroughput() throws {
    let models = [model, try StoredModel(model, as: .q4_0).load()]
    let rates = try Throughput.measure(models, prompt: Array(tokens.prefix(8)), decoded: 2, rounds: 1)
    #expect(rates.count == 2)
    #expect(rates.allSatisfy { $0.prefill > 0 && $0.decode > 0 && $0.prefill.isFinite && $0.decode.isFinite })
  }

  @Test(arguments: [1, 2])
  func theTableHasAColumnPerText(texts: Int) {
    let rows = ["a", "b"].map { name in
      StorageRow(
        name: name, blockBytes: 1_000_000, totalBytes: 2_000_000, perplexity: 3, secondPerplexity: texts > 1 ? 4 : nil,
        throughput: Throughput(prefill: 5, decode: 6))
    }
    let table = StorageRow.table(rows, caption: "", texts: Array(["one", "two"].prefix(texts)))
    #expect(table.rows.count == 2 && table.rows.allSatisfy { $0.count == table.columns.count })
    #expect(table.columns.count == 5 + texts)
  }
}
