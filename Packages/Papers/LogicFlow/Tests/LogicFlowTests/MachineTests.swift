import LogicFlow
import Testing

@Suite struct MachineTests {
  private func model(_ name: String = "spike") throws -> CoreModel { try CoreModel(named: name) }

  /// Runs `operation` on two values in registers and returns `a0`.
  private func execute(_ operation: RV32Operation, _ a: UInt32, _ b: UInt32, core: String = "spike") throws
    -> RunStatistics
  {
    func load(_ value: UInt32, _ rd: UInt8) -> [RV32Instruction] {
      let upper = Int32(bitPattern: (value &+ 0x800) & 0xFFFF_F000)
      return [
        RV32Instruction(.lui, rd: rd, immediate: upper),
        RV32Instruction(.addi, rd: rd, rs1: rd, immediate: Int32(bitPattern: value) &- upper),
      ]
    }
    let code =
      load(a, 5) + load(b, 6) + [
        RV32Instruction(operation, rd: 10, rs1: 5, rs2: 6), RV32Instruction(.jalr, rs1: 1),
      ]
    return try RV32Machine(RV32Program(instructions: code), model: model(core)).call([])
  }

  @Test(
    arguments: [
      (RV32Operation.add, 0xFFFF_FFFF, 2, 1), (.sub, 1, 2, 0xFFFF_FFFF), (.sll, 1, 33, 2), (.srl, 0x8000_0000, 31, 1),
      (.sra, 0x8000_0000, 31, 0xFFFF_FFFF), (.slt, 0xFFFF_FFFF, 0, 1), (.sltu, 0xFFFF_FFFF, 0, 0), (.xor, 6, 3, 5),
      (.or, 6, 3, 7), (.and, 6, 3, 2), (.mul, 0x1_0001, 0x1_0001, 0x2_0001), (.mulh, 0xFFFF_FFFF, 0xFFFF_FFFF, 0),
      (.mulhu, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFE), (.mulhsu, 0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF),
      (.div, 0xFFFF_FFF9, 2, 0xFFFF_FFFD), (.div, 7, 0, 0xFFFF_FFFF), (.div, 0x8000_0000, 0xFFFF_FFFF, 0x8000_0000),
      (.divu, 7, 0, 0xFFFF_FFFF), (.divu, 0xFFFF_FFFF, 2, 0x7FFF_FFFF), (.rem, 0xFFFF_FFF9, 2, 0xFFFF_FFFF),
      (.rem, 7, 0, 7), (.rem, 0x8000_0000, 0xFFFF_FFFF, 0), (.remu, 7, 0, 7), (.remu, 0xFFFF_FFFF, 2, 1),
    ] as [(RV32Operation, UInt32, UInt32, UInt32)])
  func registerOperations(operation: RV32Operation, a: UInt32, b: UInt32, expected: UInt32) throws {
    #expect(try UInt32(bitPattern: execute(operation, a, b).result) == expected)
  }

  @Test func immediatesLoadsAndStores() throws {
    let code: [RV32Instruction] = [
      RV32Instruction(.lui, rd: 5, immediate: Int32(bitPattern: 0x8765_4000)),
      RV32Instruction(.addi, rd: 5, rs1: 5, immediate: 0x3F1), RV32Instruction(.addi, rd: 2, rs1: 2, immediate: -16),
      RV32Instruction(.sw, rs1: 2, rs2: 5, immediate: 4), RV32Instruction(.sh, rs1: 2, rs2: 5, immediate: 8),
      RV32Instruction(.sb, rs1: 2, rs2: 5, immediate: 10), RV32Instruction(.lw, rd: 6, rs1: 2, immediate: 4),
      RV32Instruction(.lh, rd: 7, rs1: 2, immediate: 6), RV32Instruction(.lhu, rd: 28, rs1: 2, immediate: 6),
      RV32Instruction(.lb, rd: 29, rs1: 2, immediate: 10), RV32Instruction(.lbu, rd: 30, rs1: 2, immediate: 10),
      RV32Instruction(.sub, rd: 31, rs1: 6, rs2: 5), RV32Instruction(.sub, rd: 7, rs1: 28, rs2: 7),
      RV32Instruction(.sub, rd: 29, rs1: 30, rs2: 29), RV32Instruction(.add, rd: 10, rs1: 7, rs2: 29),
      RV32Instruction(.add, rd: 10, rs1: 10, rs2: 31), RV32Instruction(.sltiu, rd: 6, rs1: 5, immediate: -1),
      RV32Instruction(.slti, rd: 7, rs1: 5, immediate: 0), RV32Instruction(.add, rd: 10, rs1: 10, rs2: 6),
      RV32Instruction(.add, rd: 10, rs1: 10, rs2: 7), RV32Instruction(.addi, rd: 2, rs1: 2, immediate: 16),
      RV32Instruction(.jalr, rs1: 1),
    ]
    let run = try RV32Machine(RV32Program(instructions: code), model: model()).call([])
    // 0x10000 from the half word, 0x100 from the byte, 0 from the word, 1 and 1 from the comparisons.
    #expect(run.result == 0x1_0000 + 0x100 + 2)
    #expect(run.stack == 16 && run.instructions == UInt64(code.count))
  }

  /// Every operation survives encoding and decoding, at the ends of its immediate.
  @Test func encodingsRoundTrip() throws {
    for operation in RV32Operation.allCases where operation != .fence && operation != .ecall && operation != .ebreak {
      let candidates: [RV32Instruction]
      switch operation.kind {
      case .branch:
        candidates = [-4096, 4094, 8].map { RV32Instruction(operation, rs1: 31, rs2: 9, immediate: $0) }
      case .store: candidates = [-2048, 2047].map { RV32Instruction(operation, rs1: 2, rs2: 17, immediate: $0) }
      case .load: candidates = [-2048, 2047].map { RV32Instruction(operation, rd: 31, rs1: 2, immediate: $0) }
      case .jump:
        candidates =
          operation == .jal
          ? [-1_048_576, 1_048_574, 2050].map { RV32Instruction(.jal, rd: 1, immediate: $0) }
          : [RV32Instruction(.jalr, rd: 1, rs1: 5, immediate: -3)]
      default:
        switch operation {
        case .lui, .auipc:
          candidates = [Int32.min, 0x7FFF_F000].map { RV32Instruction(operation, rd: 7, immediate: $0) }
        case .slli, .srli, .srai: candidates = [0, 31].map { RV32Instruction(operation, rd: 7, rs1: 8, immediate: $0) }
        case .addi, .slti, .sltiu, .xori, .ori, .andi:
          candidates = [-2048, 2047].map { RV32Instruction(operation, rd: 7, rs1: 8, immediate: $0) }
        default: candidates = [RV32Instruction(operation, rd: 7, rs1: 8, rs2: 30)]
        }
      }
      for instruction in candidates { #expect(RV32Decoder.decode(instruction.word) == instruction) }
    }
  }

  /// Encodings as clang's assembler writes them.
  @Test(
    arguments: [
      (0x0808, RV32Operation.addi, 10, 2, 0, 16), (0x4188, .lw, 10, 11, 0, 0), (0xC188, .sw, 0, 11, 10, 0),
      (0x157D, .addi, 10, 10, 0, -1), (0x4501, .addi, 10, 0, 0, 0), (0x6505, .lui, 10, 0, 0, 4096),
      (0x7179, .addi, 2, 2, 0, -48), (0x8105, .srli, 10, 10, 0, 1), (0x8505, .srai, 10, 10, 0, 1),
      (0x8905, .andi, 10, 10, 0, 1), (0x8D0D, .sub, 10, 10, 11, 0), (0x8D2D, .xor, 10, 10, 11, 0),
      (0x8D4D, .or, 10, 10, 11, 0), (0x8D6D, .and, 10, 10, 11, 0), (0xA011, .jal, 0, 0, 0, 4),
      (0xC111, .beq, 0, 10, 0, 4), (0xE111, .bne, 0, 10, 0, 4), (0x050A, .slli, 10, 10, 0, 2),
      (0x4502, .lw, 10, 2, 0, 0), (0x8082, .jalr, 0, 1, 0, 0), (0x852E, .add, 10, 0, 11, 0),
      (0x952E, .add, 10, 10, 11, 0),
      (0x9002, .ebreak, 0, 0, 0, 0), (0x9582, .jalr, 1, 11, 0, 0), (0xC22A, .sw, 0, 2, 10, 4),
    ] as [(UInt16, RV32Operation, UInt8, UInt8, UInt8, Int32)])
  func compressedForms(half: UInt16, operation: RV32Operation, rd: UInt8, rs1: UInt8, rs2: UInt8, immediate: Int32) {
    #expect(
      RV32Decoder.decode(half, next: 0)
        == RV32Instruction(operation, rd: rd, rs1: rs1, rs2: rs2, immediate: immediate, size: 2))
  }

  @Test func cyclesFollowTheTables() throws {
    // Four instructions of loading, the operation, the return.
    #expect(try execute(.mul, 3, 4, core: "ibex-small").cycles == 4 + 3 + 2)
    #expect(try execute(.div, 9, 4, core: "ibex-maxperf").cycles == 4 + 37 + 2)
    #expect(try execute(.div, 9, 4, core: "cv32e40p").cycles == 4 + 3 + 29 + 2)
    let taken: [RV32Instruction] = [
      RV32Instruction(.lbu, rd: 5, rs1: 10), RV32Instruction(.beq, rs1: 5, rs2: 0, immediate: 8),
      RV32Instruction(.addi, rd: 6, immediate: 1), RV32Instruction(.jalr, rs1: 1),
    ]
    // Load 1, stall 1, branch 3 or 1 + alu 1, return 2.
    let machine = try RV32Machine(RV32Program(instructions: taken), model: model("cv32e40p"))
    #expect(try machine.call([0]).cycles == 7 && machine.call([1]).cycles == 6)
    #expect(machine.worstCase() == 7)
  }

  @Test func faultsNameTheAddress() throws {
    func fault(_ code: [RV32Instruction], _ part: String) throws {
      do {
        _ = try RV32Machine(RV32Program(instructions: code), model: model()).call([], limit: 1000)
        Issue.record("no fault for \(part)")
      } catch { #expect("\(error)".contains(part)) }
    }
    try fault([RV32Instruction(.addi), RV32Instruction(.jal, immediate: 0)], "run limit")
    try fault([RV32Instruction(.lw, rd: 5, rs1: 2, immediate: 1)], "misaligned")
    try fault([RV32Instruction(.lb, rd: 5, rs1: 0, immediate: -1)], "outside of memory")
    try fault([RV32Instruction(.ecall)], "environment call")
    try fault([RV32Instruction(.addi)], "no supported instruction")
  }

  @Test func brokenElfFilesAreRefused() {
    #expect(throws: LogicFlowError.self) { try RV32Program(elf: .init()) }
    var header = [UInt8](repeating: 0, count: 64)
    header.replaceSubrange(0..<6, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1])
    #expect(throws: LogicFlowError.self) { try RV32Program(elf: .init(header)) }
    header[4] = 1
    #expect(throws: LogicFlowError.self) { try RV32Program(elf: .init(header)) }
    header[18] = 243
    header[42] = 32
    header[44] = 9
    #expect(throws: LogicFlowError.self) { try RV32Program(elf: .init(header)) }
  }

  @Test func unknownCoresAreRefused() {
    #expect(throws: LogicFlowError.self) { try CoreModel(named: "z80") }
  }
}
