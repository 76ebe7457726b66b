/// 16-bit encodings, expanded to what they stand for.
struct CompressedDecoder {
  private let half: UInt32
  private let full: UInt8
  private let second: UInt8
  private let short: UInt8
  private let shortSecond: UInt8

  init(_ half: UInt16) {
    self.half = UInt32(half)
    full = UInt8((half >> 7) & 31)
    second = UInt8((half >> 2) & 31)
    short = UInt8((half >> 7) & 7) + 8
    shortSecond = UInt8((half >> 2) & 7) + 8
  }

  /// Bit 12, which chooses between forms.
  private var isSet: Bool { (half >> 12) & 1 == 1 }
  /// The six-bit immediate of most arithmetic forms.
  private var small: Int32 { BitFields.gather(half, [(12, 1, 5), (2, 5, 0)], signBit: 5) }

  private func make(
    _ operation: RV32Operation, rd: UInt8 = 0, rs1: UInt8 = 0, rs2: UInt8 = 0, _ immediate: Int32 = 0
  ) -> RV32Instruction {
    RV32Instruction(operation, rd: rd, rs1: rs1, rs2: rs2, immediate: immediate, size: 2)
  }

  func decode() -> RV32Instruction? {
    switch half & 3 {
    case 0: stackAndMemory()
    case 1: immediates()
    default: registers()
    }
  }

  private func stackAndMemory() -> RV32Instruction? {
    let word = BitFields.gather(half, [(5, 1, 6), (10, 3, 3), (6, 1, 2)])
    switch half >> 13 {
    case 0:
      let value = BitFields.gather(half, [(7, 4, 6), (11, 2, 4), (5, 1, 3), (6, 1, 2)])
      return value == 0 ? nil : make(.addi, rd: shortSecond, rs1: 2, value)
    case 2: return make(.lw, rd: shortSecond, rs1: short, word)
    case 6: return make(.sw, rs1: short, rs2: shortSecond, word)
    default: return nil
    }
  }

  private func immediates() -> RV32Instruction? {
    let funct3 = half >> 13
    switch funct3 {
    case 0: return make(.addi, rd: full, rs1: full, small)
    case 1, 5:
      let fields: [(low: UInt32, count: UInt32, place: UInt32)] = [
        (12, 1, 11), (8, 1, 10), (9, 2, 8), (6, 1, 7), (7, 1, 6), (2, 1, 5), (11, 1, 4), (3, 3, 1),
      ]
      return make(.jal, rd: funct3 == 1 ? 1 : 0, BitFields.gather(half, fields, signBit: 11))
    case 2: return make(.addi, rd: full, rs1: 0, small)
    case 3 where full == 2:
      let value = BitFields.gather(half, [(12, 1, 9), (3, 2, 7), (5, 1, 6), (2, 1, 5), (6, 1, 4)], signBit: 9)
      return value == 0 ? nil : make(.addi, rd: 2, rs1: 2, value)
    case 3: return small == 0 ? nil : make(.lui, rd: full, small << 12)
    case 4: return arithmetic()
    default:
      let value = BitFields.gather(half, [(12, 1, 8), (5, 2, 6), (2, 1, 5), (10, 2, 3), (3, 2, 1)], signBit: 8)
      return make(funct3 == 6 ? .beq : .bne, rs1: short, value)
    }
  }

  private func arithmetic() -> RV32Instruction? {
    switch (half >> 10) & 3 {
    case 0: isSet ? nil : make(.srli, rd: short, rs1: short, small & 31)
    case 1: isSet ? nil : make(.srai, rd: short, rs1: short, small & 31)
    case 2: make(.andi, rd: short, rs1: short, small)
    default:
      isSet
        ? nil
        : make([.sub, .xor, .or, .and][Int((half >> 5) & 3)], rd: short, rs1: short, rs2: shortSecond)
    }
  }

  private func registers() -> RV32Instruction? {
    switch half >> 13 {
    case 0: return isSet ? nil : make(.slli, rd: full, rs1: full, Int32(second))
    case 2:
      let value = BitFields.gather(half, [(2, 2, 6), (12, 1, 5), (4, 3, 2)])
      return full == 0 ? nil : make(.lw, rd: full, rs1: 2, value)
    case 4: return moves()
    case 6: return make(.sw, rs1: 2, rs2: second, BitFields.gather(half, [(7, 2, 6), (9, 4, 2)]))
    default: return nil
    }
  }

  private func moves() -> RV32Instruction? {
    switch (isSet, full, second) {
    case (false, 0, 0): nil
    case (false, _, 0): make(.jalr, rd: 0, rs1: full)
    case (false, _, _): make(.add, rd: full, rs1: 0, rs2: second)
    case (true, 0, 0): make(.ebreak)
    case (true, _, 0): make(.jalr, rd: 1, rs1: full)
    case (true, _, _): make(.add, rd: full, rs1: full, rs2: second)
    }
  }
}
