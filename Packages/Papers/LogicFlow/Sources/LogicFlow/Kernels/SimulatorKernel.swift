/// The simulator's loop: one decoded instruction per turn.
struct SimulatorKernel {
  let memory: UnsafeMutableBufferPointer<UInt8>
  let code: UnsafeBufferPointer<DecodedInstruction>
  let registers: UnsafeMutableBufferPointer<UInt32>
  let limit: UInt64
  let divisionDependsOnDivisor: Bool
  var pc: UInt32
  var instructions: UInt64 = 0
  var cycles: UInt64 = 0
  var lowestStack: UInt32

  init(
    memory: UnsafeMutableBufferPointer<UInt8>, code: UnsafeBufferPointer<DecodedInstruction>,
    registers: UnsafeMutableBufferPointer<UInt32>, entry: UInt32, limit: UInt64, divisionDependsOnDivisor: Bool
  ) {
    self.memory = memory
    self.code = code
    self.registers = registers
    self.limit = limit
    self.divisionDependsOnDivisor = divisionDependsOnDivisor
    pc = entry
    lowestStack = registers[2]
  }

  /// Runs to the next `ebreak`; the call's own instructions are counted, the `ebreak` is not.
  mutating func run() -> MachineFault? {
    guard let registers = registers.baseAddress, let code = code.baseAddress else { return .unsupported }
    let end = UInt32(memory.count)
    var pc = self.pc
    var instructions: UInt64 = 0
    var cycles: UInt64 = 0
    var fault: MachineFault?
    loop: while true {
      guard pc & 1 == 0, pc < end else {
        fault = .memoryAccess(pc)
        break
      }
      let entry = code + Int(pc / 2)
      guard entry.pointee.isValid, instructions < limit else {
        fault = entry.pointee.isValid ? .limit : .unsupported
        break
      }
      let immediate = UInt32(bitPattern: entry.pointee.immediate)
      let a = registers[Int(entry.pointee.rs1)]
      let b = registers[Int(entry.pointee.rs2)]
      var next = pc &+ UInt32(entry.pointee.size)
      var value: UInt32
      switch entry.pointee.operation {
      case .lui: value = immediate
      case .auipc: value = pc &+ immediate
      case .jal:
        value = next
        next = pc &+ immediate
        cycles += UInt64(entry.pointee.takenExtra)
      case .jalr:
        value = next
        next = (a &+ immediate) & ~1
        if next < end { cycles += UInt64(code[Int(next / 2)].targetExtra) }
      case .beq, .bne, .blt, .bge, .bltu, .bgeu:
        instructions += 1
        cycles += UInt64(entry.pointee.cost)
        if Self.isTaken(entry.pointee.operation, a, b) {
          pc = pc &+ immediate
          cycles += UInt64(entry.pointee.takenExtra)
        } else {
          pc = next
        }
        continue loop
      case .lb, .lh, .lw, .lbu, .lhu:
        let address = a &+ immediate
        let size = Self.size(entry.pointee.operation)
        guard address <= end - size else {
          fault = .memoryAccess(address)
          break loop
        }
        guard address & (size - 1) == 0 else {
          fault = .misaligned(address)
          break loop
        }
        value = load(entry.pointee.operation, Int(address))
      case .sb, .sh, .sw:
        let address = a &+ immediate
        let size = Self.size(entry.pointee.operation)
        guard address <= end - size else {
          fault = .memoryAccess(address)
          break loop
        }
        guard address & (size - 1) == 0 else {
          fault = .misaligned(address)
          break loop
        }
        for byte in 0..<size { memory[Int(address + byte)] = UInt8(truncatingIfNeeded: b >> (8 * byte)) }
        instructions += 1
        cycles += UInt64(entry.pointee.cost)
        pc = next
        continue loop
      case .addi: value = a &+ immediate
      case .slti: value = Int32(bitPattern: a) < Int32(bitPattern: immediate) ? 1 : 0
      case .sltiu: value = a < immediate ? 1 : 0
      case .xori: value = a ^ immediate
      case .ori: value = a | immediate
      case .andi: value = a & immediate
      case .slli: value = a &<< immediate
      case .srli: value = a &>> immediate
      case .srai: value = UInt32(bitPattern: Int32(bitPattern: a) &>> Int32(bitPattern: immediate))
      case .add: value = a &+ b
      case .sub: value = a &- b
      case .sll: value = a &<< b
      case .slt: value = Int32(bitPattern: a) < Int32(bitPattern: b) ? 1 : 0
      case .sltu: value = a < b ? 1 : 0
      case .xor: value = a ^ b
      case .srl: value = a &>> b
      case .sra: value = UInt32(bitPattern: Int32(bitPattern: a) &>> Int32(bitPattern: b))
      case .or: value = a | b
      case .and: value = a & b
      case .mul: value = a &* b
      case .mulh: value = UInt32(truncatingIfNeeded: (Int64(Int32(bitPattern: a)) &* Int64(Int32(bitPattern: b))) >> 32)
      case .mulhsu: value = UInt32(truncatingIfNeeded: (Int64(Int32(bitPattern: a)) &* Int64(b)) >> 32)
      case .mulhu: value = UInt32(truncatingIfNeeded: (UInt64(a) &* UInt64(b)) >> 32)
      case .div, .divu, .rem, .remu:
        if divisionDependsOnDivisor {
          let isSigned = entry.pointee.operation == .div || entry.pointee.operation == .rem
          let magnitude = isSigned ? Int32(bitPattern: b).magnitude : b
          cycles += UInt64(magnitude.leadingZeroBitCount)
        }
        value = Self.divide(entry.pointee.operation, a, b)
      case .fence: value = 0
      case .ecall:
        fault = .environmentCall
        break loop
      case .ebreak: break loop
      }
      if entry.pointee.rd != 0 {
        registers[Int(entry.pointee.rd)] = value
        if entry.pointee.rd == 2, value < lowestStack { lowestStack = value }
      }
      instructions += 1
      cycles += UInt64(entry.pointee.cost)
      pc = next
    }
    self.pc = pc
    self.instructions = instructions
    self.cycles = cycles
    return fault
  }

  @inline(__always)
  private static func isTaken(_ operation: RV32Operation, _ a: UInt32, _ b: UInt32) -> Bool {
    switch operation {
    case .beq: a == b
    case .bne: a != b
    case .blt: Int32(bitPattern: a) < Int32(bitPattern: b)
    case .bge: Int32(bitPattern: a) >= Int32(bitPattern: b)
    case .bltu: a < b
    default: a >= b
    }
  }

  @inline(__always)
  private static func size(_ operation: RV32Operation) -> UInt32 {
    switch operation {
    case .lw, .sw: 4
    case .lh, .lhu, .sh: 2
    default: 1
    }
  }

  @inline(__always)
  private func load(_ operation: RV32Operation, _ address: Int) -> UInt32 {
    let base = UnsafeRawPointer(memory.baseAddress.unsafelyUnwrapped + address)
    return switch operation {
    case .lw: base.loadUnaligned(as: UInt32.self)
    case .lhu: UInt32(base.loadUnaligned(as: UInt16.self))
    case .lh: UInt32(bitPattern: Int32(base.loadUnaligned(as: Int16.self)))
    case .lb: UInt32(bitPattern: Int32(base.load(as: Int8.self)))
    default: UInt32(base.load(as: UInt8.self))
    }
  }

  /// Division by zero gives all ones and the dividend; the one overflow gives the dividend and zero.
  private static func divide(_ operation: RV32Operation, _ a: UInt32, _ b: UInt32) -> UInt32 {
    let (x, y) = (Int32(bitPattern: a), Int32(bitPattern: b))
    return switch operation {
    case .div: b == 0 ? .max : UInt32(bitPattern: x.dividedReportingOverflow(by: y).partialValue)
    case .divu: b == 0 ? .max : a / b
    case .rem: b == 0 ? a : UInt32(bitPattern: x == .min && y == -1 ? 0 : x % y)
    default: b == 0 ? a : a % b
    }
  }
}
