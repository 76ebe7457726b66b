/// An instruction made ready for the simulator: costs that do not depend on data are settled once.
struct DecodedInstruction {
  var operation: RV32Operation
  var rd: UInt8
  var rs1: UInt8
  var rs2: UInt8
  var immediate: Int32
  var size: UInt8
  var isValid: Bool
  /// Cycles without a taken branch; the load-use stall towards the next instruction is inside.
  var cost: UInt8
  /// Added when a branch is taken, for branches and `jal` with the misaligned target inside.
  var takenExtra: UInt8
  /// Whether this instruction is a bad target: 4 bytes, not on a word boundary.
  var targetExtra: UInt8

  static let invalid = DecodedInstruction(
    operation: .ebreak, rd: 0, rs1: 0, rs2: 0, immediate: 0, size: 4, isValid: false, cost: 0, takenExtra: 0,
    targetExtra: 0)

  /// One entry per half word of memory.
  static func decode(_ memory: [UInt8], _ extents: [Range<UInt32>], _ model: CoreModel) -> [DecodedInstruction] {
    var code = [DecodedInstruction](repeating: invalid, count: memory.count / 2)
    func half(_ address: UInt32) -> UInt16 {
      Int(address) + 1 < memory.count ? UInt16(memory[Int(address)]) | UInt16(memory[Int(address) + 1]) << 8 : 0
    }
    func decode(_ pc: UInt32) -> RV32Instruction? { RV32Decoder.decode(half(pc), next: half(pc + 2)) }
    for extent in extents {
      for pc in stride(from: extent.lowerBound, to: extent.upperBound & ~1, by: 2) {
        guard let instruction = decode(pc) else { continue }
        let stall = decode(pc + UInt32(instruction.size)).map { model.stall(instruction, before: $0) } ?? 0
        code[Int(pc / 2)] = DecodedInstruction(
          operation: instruction.operation, rd: instruction.rd, rs1: instruction.rs1, rs2: instruction.rs2,
          immediate: instruction.immediate, size: instruction.size, isValid: true,
          cost: UInt8(clamping: model.cost(instruction) + stall),
          takenExtra: instruction.operation.kind == .branch ? UInt8(clamping: model.takenExtra) : 0,
          targetExtra: instruction.size == 4 && pc & 3 == 2 ? UInt8(clamping: model.cycles.misalignedTarget) : 0)
      }
    }
    // What a transfer pays for where it lands.
    for index in code.indices where code[index].isValid {
      let kind = code[index].operation.kind
      guard kind == .branch || code[index].operation == .jal else { continue }
      let target = index + Int(code[index].immediate) / 2
      if code.indices.contains(target) { code[index].takenExtra += code[target].targetExtra }
    }
    return code
  }

  /// Where control can go, and what that adds; nothing if it cannot be said. A return has no successor.
  func successors(_ pc: Int) -> [(target: Int, extra: Int)]? {
    let next = (target: pc + Int(size), extra: 0)
    switch operation {
    case .jalr: return rd == 0 && rs1 == 1 && immediate == 0 ? [] : nil
    case .jal: return rd == 0 ? [(pc + Int(immediate), Int(takenExtra))] : nil
    case .ebreak, .ecall: return []
    default: return operation.kind == .branch ? [next, (pc + Int(immediate), Int(takenExtra))] : [next]
    }
  }
}
