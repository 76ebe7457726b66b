/// Bits → instructions: RV32I, M, and the compressed forms C.
public enum RV32Decoder {
  /// The instruction that begins with `half`; `next` is the 16 bits behind it. Nothing for an encoding that is not supported.
  public static func decode(_ half: UInt16, next: UInt16) -> RV32Instruction? {
    half & 3 == 3 ? decode(UInt32(half) | UInt32(next) << 16) : CompressedDecoder(half).decode()
  }

  private static let byCode: [UInt32: RV32Operation] = {
    var table: [UInt32: RV32Operation] = [:]
    for operation in RV32Operation.allCases where operation != .ecall && operation != .ebreak {
      let (opcode, funct3, funct7) = operation.code
      table[opcode | funct3 << 8 | funct7 << 16] = operation
    }
    return table
  }()

  /// A 32-bit encoding.
  public static func decode(_ word: UInt32) -> RV32Instruction? {
    let opcode = word & 0x7F
    let (rd, rs1, rs2) = (UInt8(word >> 7 & 31), UInt8(word >> 15 & 31), UInt8(word >> 20 & 31))
    let funct3 = word >> 12 & 7
    let upper = Int32(bitPattern: word) >> 20
    func find(_ funct3: UInt32, _ funct7: UInt32) -> RV32Operation? { byCode[opcode | funct3 << 8 | funct7 << 16] }
    switch opcode {
    case 0x37, 0x17:
      return find(0, 0).map { RV32Instruction($0, rd: rd, immediate: Int32(bitPattern: word & 0xFFFF_F000)) }
    case 0x6F:
      let value = BitFields.gather(word, [(31, 1, 20), (12, 8, 12), (20, 1, 11), (21, 10, 1)], signBit: 20)
      return RV32Instruction(.jal, rd: rd, immediate: value)
    case 0x63:
      let value = BitFields.gather(word, [(31, 1, 12), (7, 1, 11), (25, 6, 5), (8, 4, 1)], signBit: 12)
      return find(funct3, 0).map { RV32Instruction($0, rs1: rs1, rs2: rs2, immediate: value) }
    case 0x23:
      let value = BitFields.gather(word, [(25, 7, 5), (7, 5, 0)], signBit: 11)
      return find(funct3, 0).map { RV32Instruction($0, rs1: rs1, rs2: rs2, immediate: value) }
    case 0x33: return find(funct3, word >> 25).map { RV32Instruction($0, rd: rd, rs1: rs1, rs2: rs2) }
    case 0x13 where funct3 == 1 || funct3 == 5:
      return find(funct3, word >> 25).map { RV32Instruction($0, rd: rd, rs1: rs1, immediate: Int32(rs2)) }
    case 0x67, 0x03, 0x13: return find(funct3, 0).map { RV32Instruction($0, rd: rd, rs1: rs1, immediate: upper) }
    case 0x0F: return RV32Instruction(.fence)
    case 0x73: return word == 0x73 ? RV32Instruction(.ecall) : word == 0x0010_0073 ? RV32Instruction(.ebreak) : nil
    default: return nil
    }
  }
}

/// Immediates whose bits lie scattered over an encoding.
enum BitFields {
  /// Moves each field of `count` bits from bit `low` to bit `place`, then extends the sign from `signBit`.
  static func gather(_ word: UInt32, _ fields: [(low: UInt32, count: UInt32, place: UInt32)], signBit: Int32? = nil)
    -> Int32
  {
    var value: UInt32 = 0
    for field in fields {
      let mask: UInt32 = (1 << field.count) - 1
      value |= ((word >> field.low) & mask) << field.place
    }
    guard let signBit else { return Int32(bitPattern: value) }
    let unused = 31 - signBit
    return (Int32(bitPattern: value) << unused) >> unused
  }
}
