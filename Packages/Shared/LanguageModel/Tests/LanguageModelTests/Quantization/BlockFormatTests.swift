import Foundation
import JSONC
import LanguageModel
import Testing
import TinyTensor

/// Against block-golden.json, made with the Python package `gguf`, the reference implementation of the formats in
/// NumPy.
@Suite("Block formats")
struct BlockFormatTests {
  private let golden: JSONValue

  init() throws { golden = try TestResource.json("block-golden.json") }

  private func data(_ value: JSONValue?) throws -> Data {
    let text = try #require(value?.stringValue)
    return try #require(Data(base64Encoded: text))
  }

  private func floats(_ value: JSONValue?) throws -> [Float] {
    try data(value).withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  @Test(
    "random blocks decode to the reference's weights, bit for bit",
    arguments: TensorType.allCases.filter { $0 != .f32 })
  func decoding(type: TensorType) throws {
    let entry = try #require(golden["decode"]?[type.name])
    let bytes = try Array(data(entry["blocks"]))
    let columns = bytes.count / type.bytesPerBlock * type.blockSize
    let matrix = QuantizedMatrix(copying: bytes, type: type, rows: 1, columns: columns)
    #expect(try matrix.dequantizedRow(0) == floats(entry["weights"]))
    #expect(try matrix.dequantized().scalars == floats(entry["weights"]))
  }

  @Test(
    "random weights encode to the reference's blocks, byte for byte",
    arguments: [TensorType.f16, .bf16, .q8_0, .q4_0, .q4_1, .q5_0, .q5_1])
  func encoding(type: TensorType) throws {
    let weights = try floats(golden["weights"])
    let matrix = try QuantizedMatrix(quantizing: Tensor(shape: [weights.count], weights), as: type)
    let expected = try Array(data(golden["encode"]?[type.name]))
    #expect(matrix.withUnsafeBytes { Array($0) } == expected)
  }

  @Test("names, sizes and bits")
  func properties() {
    for type in TensorType.allCases { #expect(TensorType(name: type.name.lowercased()) == type) }
    #expect(TensorType.q4_1.bitsPerWeight == 5 && TensorType.q8_0.bitsPerWeight == 8.5)
    #expect(TensorType.q4_K.name == "Q4_K" && TensorType.bf16.name == "BF16")
    #expect(TensorType.q6_K.byteCount(columns: 512) == 420)
    #expect(TensorType(name: "Q3_K") == nil)
  }

  @Test("the error of quantising is at most half a step", arguments: [TensorType.q8_0, .q4_0, .q4_1, .q5_0, .q5_1])
  func precision(type: TensorType) throws {
    var random = Philox(seed: 3, stream: "precision")
    let weights = Tensor.normal([7, 96], mean: 0.01, standardDeviation: 0.1, using: &random)
    let decoded = try QuantizedMatrix(quantizing: weights, as: type).dequantized()
    let steps: Float =
      switch type {
      case .q8_0: 254
      case .q5_0, .q5_1: 31
      default: 15
      }
    for row in 0..<7 {
      for block in 0..<3 {
        let columns = block * 32..<block * 32 + 32
        let values = columns.map { weights[row, $0] }
        let largest = values.map { abs($0) }.max() ?? 0
        // The symmetric formats clip one end of the range by up to one step.
        let step = 2 * largest / steps * (type == .q4_0 || type == .q5_0 ? 2.2 : 1.02)
        for column in columns { #expect(abs(decoded[row, column] - weights[row, column]) <= step / 2 + 1e-4) }
      }
    }
  }

  @Test("what cannot be stored is refused by row and column")
  func refusals() throws {
    var weights = Tensor(zeros: [2, 64])
    weights[1, 33] = .nan
    #expect(throws: QuantizationError.notFinite(row: 1, column: 33, value: "nan")) {
      try QuantizedMatrix(quantizing: weights, as: .q8_0)
    }
    weights[1, 33] = 1e30
    for type in [TensorType.f16, .q8_0, .q4_0, .q4_1, .q5_0, .q5_1] {
      #expect(throws: QuantizationError.outOfRange(row: 1, column: 33, value: 1e30, type: type)) {
        try QuantizedMatrix(quantizing: weights, as: type)
      }
    }
    #expect(throws: QuantizationError.partialBlocks(columns: 33, type: .q4_0)) {
      try QuantizedMatrix(quantizing: Tensor(zeros: [2, 33]), as: .q4_0)
    }
    #expect(throws: QuantizationError.readOnly(.q4_K)) {
      try QuantizedMatrix(quantizing: Tensor(zeros: [256]), as: .q4_K)
    }
    weights[1, 33] = .greatestFiniteMagnitude
    weights[1, 34] = -.greatestFiniteMagnitude
    #expect(throws: QuantizationError.self) { try QuantizedMatrix(quantizing: weights, as: .q4_1) }
  }

  @Test("blocks of zeros and of tiny weights decode to zeros")
  func tiny() throws {
    for type in [TensorType.q8_0, .q4_0, .q4_1, .q5_0, .q5_1] {
      for value in [Float(0), .leastNonzeroMagnitude, .leastNormalMagnitude / 128] {
        let matrix = try QuantizedMatrix(quantizing: Tensor(repeating: value, shape: [32]), as: type)
        #expect(matrix.dequantizedRow(0).allSatisfy { abs($0) < 1e-30 })
      }
    }
  }

  @Test("views of rows share the memory")
  func rows() throws {
    var random = Philox(seed: 4, stream: "rows")
    let matrix = RandomBlocks.matrix(.q5_1, rows: 6, columns: 64, using: &random)
    let part = matrix.rows(2..<5)
    #expect(part.bytes == matrix.bytes + 2 * matrix.rowBytes && part.rows == 3)
    #expect(part.dequantizedRow(1) == matrix.dequantizedRow(3))
    #expect(matrix.reordered(rows: [5, 0]).dequantizedRow(0) == matrix.dequantizedRow(5))
  }
}
