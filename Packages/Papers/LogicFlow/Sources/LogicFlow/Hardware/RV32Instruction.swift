/// A decoded instruction.
public struct RV32Instruction: Sendable, Hashable {
  /// What to do.
  public var operation: RV32Operation
  /// Destination register.
  public var rd: UInt8
  /// First source register.
  public var rs1: UInt8
  /// Second source register.
  public var rs2: UInt8
  /// Sign-extended immediate; bytes from this instruction for branches and jumps, the upper 20 bits in place for `lui`.
  public var immediate: Int32
  /// Bytes of the encoding: 4, or 2 for a compressed form.
  public var size: UInt8

  /// Creates an instruction; operands that the operation does not have stay zero.
  public init(
    _ operation: RV32Operation, rd: UInt8 = 0, rs1: UInt8 = 0, rs2: UInt8 = 0, immediate: Int32 = 0, size: UInt8 = 4
  ) {
    self.operation = operation
    self.rd = rd
    self.rs1 = rs1
    self.rs2 = rs2
    self.immediate = immediate
    self.size = size
  }

  /// The 32-bit encoding.
  public var word: UInt32 {
    let (opcode, funct3, funct7) = operation.code
    let value = UInt32(bitPattern: immediate)
    let base = opcode | funct3 << 12
    let (d, s, t) = (UInt32(rd) << 7, UInt32(rs1) << 15, UInt32(rs2) << 20)
    switch opcode {
    case 0x37, 0x17: return opcode | d | value & 0xFFFF_F000
    case 0x6F:
      let bits =
        (value >> 20 & 1) << 31 | (value >> 1 & 0x3FF) << 21 | (value >> 11 & 1) << 20 | (value >> 12 & 0xFF) << 12
      return opcode | d | bits
    case 0x63:
      let high = (value >> 12 & 1) << 31 | (value >> 5 & 0x3F) << 25
      return base | s | t | high | (value >> 1 & 0xF) << 8 | (value >> 11 & 1) << 7
    case 0x23: return base | s | t | (value >> 5 & 0x7F) << 25 | (value & 0x1F) << 7
    case 0x33: return base | d | s | t | funct7 << 25
    case 0x73: return operation == .ebreak ? 0x0010_0073 : 0x73
    case 0x13 where funct3 == 1 || funct3 == 5: return base | d | s | (value & 31) << 20 | funct7 << 25
    default: return base | d | s | (value & 0xFFF) << 20
    }
  }

  /// Registers that are read.
  public var sources: (UInt8, UInt8) {
    switch operation.code.opcode {
    case 0x37, 0x17, 0x6F, 0x73, 0x0F: (0, 0)
    case 0x63, 0x23, 0x33: (rs1, rs2)
    default: (rs1, 0)
    }
  }

  /// The assembler's text; branch targets are given by `label` when it is not nil.
  public func text(label: String? = nil) -> String {
    func register(_ number: UInt8) -> String { Self.names[Int(number)] }
    let target = label ?? (immediate < 0 ? ".\(immediate)" : ".+\(immediate)")
    let name = "\(operation)"
    switch operation.code.opcode {
    case 0x37, 0x17: return "\(name) \(register(rd)), \(UInt32(bitPattern: immediate) >> 12)"
    case 0x6F: return "\(name) \(register(rd)), \(target)"
    case 0x63: return "\(name) \(register(rs1)), \(register(rs2)), \(target)"
    case 0x03, 0x67: return "\(name) \(register(rd)), \(immediate)(\(register(rs1)))"
    case 0x23: return "\(name) \(register(rs2)), \(immediate)(\(register(rs1)))"
    case 0x33: return "\(name) \(register(rd)), \(register(rs1)), \(register(rs2))"
    case 0x73, 0x0F: return name
    default: return "\(name) \(register(rd)), \(register(rs1)), \(immediate)"
    }
  }

  private static let names = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s2",
    "s3",
    "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
  ]
}
