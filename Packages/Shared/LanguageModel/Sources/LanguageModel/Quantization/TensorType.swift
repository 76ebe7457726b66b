// GGUF's own spelling, underscores included: everybody in the field knows "Q4_K".
// swift-format-ignore: AlwaysUseLowerCamelCase
/// How the weights of a tensor are stored. The raw value is the type number of the GGUF specification.
///
/// The quantised types store blocks of consecutive weights of one row with common scales; see ``BlockDecoder`` for the
/// formulas. The suffix `_0` means a scale only (w = d·q), `_1` a scale and an offset (w = d·q + m), `_K` a super-block
/// of 256 weights whose eight or sixteen sub-scales are quantised themselves.
public enum TensorType: UInt32, Sendable, Hashable, CaseIterable, Codable {
  /// IEEE 754 binary32.
  case f32 = 0
  /// IEEE 754 binary16.
  case f16 = 1
  /// 32 weights: float16 scale, 4-bit integers around 8.
  case q4_0 = 2
  /// 32 weights: float16 scale and offset, unsigned 4-bit integers.
  case q4_1 = 3
  /// 32 weights: float16 scale, 5-bit integers around 16.
  case q5_0 = 6
  /// 32 weights: float16 scale and offset, unsigned 5-bit integers.
  case q5_1 = 7
  /// 32 weights: float16 scale, signed 8-bit integers.
  case q8_0 = 8
  /// 256 weights: 4-bit integers, eight 6-bit scales and offsets.
  case q4_K = 12
  /// 256 weights: 5-bit integers, eight 6-bit scales and offsets.
  case q5_K = 13
  /// 256 weights: 6-bit integers around 32, sixteen 8-bit scales.
  case q6_K = 14
  /// The upper half of a binary32.
  case bf16 = 30

  /// The name in GGUF's spelling, for example `"Q4_1"`.
  public var name: String { "\(self)".uppercased() }

  /// The type with the given name, in whatever case: `"q8_0"`, `"F32"`.
  public init?(name: String) {
    guard let type = Self.allCases.first(where: { $0.name == name.uppercased() }) else { return nil }
    self = type
  }

  /// How many weights form one block: 1, 32 or 256. The rows of a tensor are whole blocks.
  public var blockSize: Int {
    switch self {
    case .f32, .f16, .bf16: 1
    case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
    case .q4_K, .q5_K, .q6_K: 256
    }
  }

  /// The size of one block in bytes.
  public var bytesPerBlock: Int {
    switch self {
    case .f32: 4
    case .f16, .bf16: 2
    case .q4_0: 18
    case .q4_1: 20
    case .q5_0: 22
    case .q5_1: 24
    case .q8_0: 34
    case .q4_K: 144
    case .q5_K: 176
    case .q6_K: 210
    }
  }

  /// The storage per weight in bits, scales included.
  public var bitsPerWeight: Double { 8 * Double(bytesPerBlock) / Double(blockSize) }

  /// The size in bytes of a row of `columns` weights, which must be a multiple of ``blockSize``.
  public func byteCount(columns: Int) -> Int { columns / blockSize * bytesPerBlock }
}
