import Foundation
import JSONC
import LanguageModel
import TinyTensor

/// Safetensors files, written independently of the package.
enum SafetensorsBytes {
  static func make(
    _ tensors: [(name: String, weights: Tensor)], type: TensorType = .f32, typeName: String = "F32"
  ) throws -> Data {
    var header = JSONObject()
    header["__metadata__"] = ["format": "pt"]
    var data = Data()
    for (name, weights) in tensors {
      let shape = weights.shape[0] == 1 ? [weights.count] : weights.shape
      let start = data.count
      for value in weights.scalars {
        switch type {
        case .f16: append(HalfPrecision.encodeFloat16(value), to: &data)
        case .bf16: append(HalfPrecision.encodeBFloat16(value), to: &data)
        default: append(value.bitPattern, to: &data)
        }
      }
      header[name] = [
        "dtype": .string(typeName), "shape": .array(shape.map { .integer(Int64($0)) }),
        "data_offsets": [.integer(Int64(start)), .integer(Int64(data.count))],
      ]
    }
    let text = Data(JSON.serialize(.object(header)).utf8)
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text + data
  }

  private static func append(_ value: some FixedWidthInteger, to data: inout Data) {
    withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
  }
}
