/// An instruction-set simulator of RV32IMC with an in-order cycle model: flat memory, no machine mode, `ebreak` stops.
///
/// Functions are called with up to two pointers in `a0` and `a1`; returning lands on an `ebreak` at the top of memory.
public final class RV32Machine {
  /// Bytes of memory.
  public static let memorySize: UInt32 = 1 << 20
  /// Where inputs are put.
  public static let inputAddress: UInt32 = 0xE0000
  private static let stackTop: UInt32 = 0xD0000
  private static let returnAddress = memorySize - 16

  private var memory: [UInt8]
  private var code: [DecodedInstruction]
  private var extents: [Range<UInt32>]
  private let entry: UInt32
  private let model: CoreModel

  /// Loads `program` and decodes its code once.
  public init(_ program: RV32Program, model: CoreModel) throws(LogicFlowError) {
    memory = [UInt8](repeating: 0, count: Int(Self.memorySize))
    entry = program.entry
    self.model = model
    extents = []
    for segment in program.segments {
      let end = UInt64(segment.address) + UInt64(segment.bytes.count)
      guard end <= UInt64(Self.stackTop - 0x10000) else {
        throw .invalidProgram("segment at 0x\(String(segment.address, radix: 16)) lies outside of memory")
      }
      memory.replaceSubrange(Int(segment.address)..<Int(end), with: segment.bytes)
      if segment.isCode { extents.append(segment.address..<UInt32(end)) }
    }
    let stop = RV32Instruction(.ebreak).word
    for byte in 0..<4 { memory[Int(Self.returnAddress) + byte] = UInt8(truncatingIfNeeded: stop >> (byte * 8)) }
    extents.append(Self.returnAddress..<Self.returnAddress + 4)
    code = DecodedInstruction.decode(memory, extents, model)
    guard code.indices.contains(Int(entry / 2)), code[Int(entry / 2)].isValid else {
      throw .invalidProgram("entry 0x\(String(entry, radix: 16)) is no supported instruction")
    }
  }

  /// Calls the function with the address of `input` in `a0`.
  public func call(_ input: [UInt8], limit: UInt64 = 10_000_000) throws(LogicFlowError) -> RunStatistics {
    guard input.count <= 0x10000 else { throw .invalidProgram("\(input.count) bytes of input, at most 65536") }
    let outcome = memory.withUnsafeMutableBufferPointer { memory in
      code.withUnsafeBufferPointer { code in
        input.withUnsafeBufferPointer { bytes in
          for (index, byte) in bytes.enumerated() { memory[Int(Self.inputAddress) + index] = byte }
          return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 32) { registers in
            registers.initialize(repeating: 0)
            registers[1] = Self.returnAddress
            registers[2] = Self.stackTop
            registers[10] = Self.inputAddress
            var kernel = SimulatorKernel(
              memory: memory, code: code, registers: registers, entry: entry, limit: limit,
              divisionDependsOnDivisor: model.divisionDependsOnDivisor)
            let fault = kernel.run()
            let statistics = RunStatistics(
              result: Int32(bitPattern: registers[10]), instructions: kernel.instructions, cycles: kernel.cycles,
              stack: Self.stackTop - kernel.lowestStack)
            return (statistics, fault, kernel.pc)
          }
        }
      }
    }
    if let fault = outcome.1 { throw .machine(pc: outcome.2, reason: fault.reason(at: outcome.2, memory)) }
    return outcome.0
  }

  /// The most cycles any path through the function can take, or nothing if it contains a loop, a call or a computed jump:
  /// the longest path through code in which control only goes forward.
  public func worstCase() -> Int? {
    var longest: [Int: Int] = [:]
    var reachable: [Int] = [Int(entry)]
    var seen: Set<Int> = [Int(entry)]
    var order: [Int] = []
    while let pc = reachable.popLast() {
      let slot = code[pc / 2]
      guard slot.isValid, let successors = slot.successors(pc) else { return nil }
      order.append(pc)
      for successor in successors {
        guard successor.target > pc, successor.target / 2 < code.count else { return nil }
        if seen.insert(successor.target).inserted { reachable.append(successor.target) }
      }
    }
    for pc in order.sorted(by: >) {
      let slot = code[pc / 2]
      let rest = (slot.successors(pc) ?? []).map { $0.extra + (longest[$0.target] ?? 0) }.max() ?? 0
      longest[pc] = Int(slot.cost) + (model.divisionDependsOnDivisor && slot.operation.kind == .divide ? 32 : 0) + rest
    }
    return longest[Int(entry)]
  }
}

/// Why the simulator stopped before the function returned.
enum MachineFault: Error {
  case unsupported, limit, memoryAccess(UInt32), misaligned(UInt32), environmentCall

  func reason(at pc: UInt32, _ memory: [UInt8]) -> String {
    switch self {
    case .unsupported:
      let bytes = pc + 4 <= UInt32(memory.count) ? memory[Int(pc)..<Int(pc) + 4].reversed().map { $0 } : []
      let word = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return "0x\(String(word, radix: 16)) is no supported instruction of rv32imc"
    case .limit: return "the run limit is reached"
    case .memoryAccess(let address): return "access at 0x\(String(address, radix: 16)), outside of memory"
    case .misaligned(let address): return "misaligned access at 0x\(String(address, radix: 16))"
    case .environmentCall: return "an environment call, but there is no environment"
    }
  }
}
