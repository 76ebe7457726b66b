import Foundation
import LanguageModel
import Testing
import TinyTensor

@Suite("Files with factored matrices")
struct FactoredFileTests {
  private let folder: TemporaryFolder
  private let config = TinyModel.config(layers: 2)

  init() throws { folder = try TemporaryFolder() }

  /// A file whose query matrices are factors of rank 8 over one shared basis.
  private func writer(
    basis: [Int] = [8, 32], coefficients: [Int] = [32, 8], leavingOut missing: String = ""
  ) throws -> GGUFWriter {
    var writer = GGUFWriter()
    try writer.setConfig(config)
    for tensor in LlamaTensor.all(in: config) where tensor != .query(layer: 0) && tensor != .query(layer: 1) {
      let weights = TinyModel.weights(tensor, config)
      try writer.add(tensor, weights.shape[0] == 1 ? weights.reshaped([-1]) : weights, as: .f32)
    }
    writer.metadata[SharedBasisLayout.groupsKey(.query)] = .array(.int32([0, 0]))
    let tensors =
      [(SharedBasisLayout.basis(.query, group: 0), basis)]
      + (0..<2).map {
        (SharedBasisLayout.coefficients(LinearAddress(layer: $0, site: .query)), coefficients)
      }
    for (name, shape) in tensors where name != missing { try writer.add(name, Self.weights(name, shape), as: .f32) }
    return writer
  }

  private static func weights(_ name: String, _ shape: [Int]) -> Tensor {
    var random = Philox(seed: 2, stream: name)
    return .uniform(shape, in: -0.5...0.5, using: &random)
  }

  @Test("layers of a group share one basis, and the model computes the product of the factors")
  func runs() throws {
    try writer().write(to: folder.file("m.gguf"))
    let file = try ModelFile(contentsOf: folder.file("m.gguf"))
    let model = try LlamaModel(file, options: .exact)
    var dense: [LinearAddress: any LinearOperator] = [:]
    for layer in 0..<2 {
      let address = LinearAddress(layer: layer, site: .query)
      let name = SharedBasisLayout.coefficients(address)
      #expect(name == "blk.\(layer).attn_q.coef" && file.basisName(address) == "share.query.0.basis")
      let product = matmul(Self.weights(name, [32, 8]), Self.weights("share.query.0.basis", [8, 32]))
      dense[address] = DenseLinear(product, identifier: "product \(layer)")
    }
    func logits(_ model: LlamaModel) throws -> Tensor {
      var cache = model.makeCache()
      return try model.forward([0, 1, 2, 3, 4], cache: &cache, logits: .all)
    }
    #expect(file.isFactored && file.basisName(LinearAddress(layer: 0, site: .key)) == nil)
    #expect(largestDifference(try logits(model), try logits(model.replacing(dense))) < 1e-5)
    let first = model.linear(LinearAddress(layer: 0, site: .query)) as? FactoredLinear
    let second = model.linear(LinearAddress(layer: 1, site: .query)) as? FactoredLinear
    #expect(first?.basis.identifier == second?.basis.identifier && first?.rank == 8)
  }

  @Test("a missing or misshapen factor is named when the file is opened")
  func broken() throws {
    let url = folder.file("m.gguf")
    for missing in ["share.query.0.basis", "blk.1.attn_q.coef"] {
      try writer(leavingOut: missing).write(to: url)
      do {
        _ = try ModelFile(contentsOf: url)
        Issue.record("a file without \(missing) was opened")
      } catch {
        #expect(error.kind == .missing && error.description.contains(missing))
      }
    }
    for (basis, coefficients) in [([8, 16], [32, 8]), ([8, 32], [16, 8]), ([4, 32], [32, 8])] {
      try writer(basis: basis, coefficients: coefficients).write(to: url)
      do {
        _ = try ModelFile(contentsOf: url)
        Issue.record("a file with factors \(coefficients) and \(basis) was opened")
      } catch {
        #expect(error.kind == .shapeMismatch)
      }
    }
  }

  @Test("group lists that do not fit mean dense matrices, which are then missing")
  func shortLists() throws {
    var writer = try writer()
    writer.metadata[SharedBasisLayout.groupsKey(.query)] = .array(.int32([0]))
    try writer.write(to: folder.file("m.gguf"))
    #expect(throws: ModelFileError.self) { try ModelFile(contentsOf: folder.file("m.gguf")) }
  }
}
