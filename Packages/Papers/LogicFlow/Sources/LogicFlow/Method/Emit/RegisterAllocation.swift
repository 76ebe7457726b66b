/// Where each slot of a program lives, for its whole life: a register, or a word of the stack.
///
/// Control only goes forward, so a slot's life is the range from its first to its last mention in program order. When registers run
/// out, the life with the fewest mentions per instruction goes to the stack.
struct RegisterAllocation {
  /// Home of a slot.
  enum Home: Hashable {
    case register(UInt8)
    /// Byte offset from the stack pointer's slot area.
    case stack(Int)
    /// A feature that is loaded whenever it is used.
    case memory
  }

  private(set) var homes: [Slot: Home] = [:]
  /// Features that are loaded into a register before these instructions.
  private(set) var loads: [Int: [Slot]] = [:]
  private(set) var stackWords = 0
  /// Callee-saved registers in use.
  private(set) var saved: [UInt8] = []

  /// a1–a7 and t3–t6, which nobody has to save, then s0–s11.
  private static let registers: [UInt8] = Array(11...17) + Array(28...31) + [8, 9] + Array(18...27)

  private struct Life {
    let slot: Slot
    var start: Int
    var end: Int
    var mentions: Int
    var density: Double { Double(mentions) / Double(end - start + 2) }
  }

  init(_ program: LogicProgram) {
    var active: [(life: Life, register: UInt8)] = []
    var free = Self.registers
    var used: Set<UInt8> = []
    for life in Self.lives(program) {
      active.removeAll { entry in
        guard entry.life.end < life.start else { return false }
        free.append(entry.register)
        return true
      }
      free.sort { Self.rank($0) < Self.rank($1) }
      if case .input = life.slot, life.mentions < 2 {
        homes[life.slot] = .memory
      } else if let register = free.first {
        free.removeFirst()
        take(register, life, &active, &used)
      } else if let victim = active.indices.min(by: { active[$0].life.density < active[$1].life.density }),
        active[victim].life.density < life.density
      {
        let (loser, register) = active.remove(at: victim)
        spill(loser.slot)
        take(register, life, &active, &used)
      } else {
        spill(life.slot)
      }
    }
    saved = used.filter { $0 == 8 || $0 == 9 || (18...27).contains($0) }.sorted()
    // A feature that lost its register is not loaded up front after all.
    for (position, slots) in loads {
      loads[position] = slots.filter { if case .register = homes[$0] { true } else { false } }
    }
  }

  private static func rank(_ register: UInt8) -> Int { registers.firstIndex(of: register) ?? 0 }

  private mutating func take(
    _ register: UInt8, _ life: Life, _ active: inout [(life: Life, register: UInt8)], _ used: inout Set<UInt8>
  ) {
    homes[life.slot] = .register(register)
    used.insert(register)
    active.append((life, register))
    if case .input = life.slot { loads[life.start, default: []].append(life.slot) }
  }

  private mutating func spill(_ slot: Slot) {
    if case .input = slot {
      homes[slot] = .memory
    } else {
      homes[slot] = .stack(4 * stackWords)
      stackWords += 1
    }
  }

  /// Lives in the order in which they begin. A life never begins inside of a block that may be left out.
  private static func lives(_ program: LogicProgram) -> [Life] {
    var lives: [Slot: Life] = [:]
    var order: [Slot] = []
    var blockStart = 0
    var blockEnd = 0
    for (position, instruction) in program.instructions.enumerated() {
      if case .skip(_, let count) = instruction, position >= blockEnd {
        (blockStart, blockEnd) = (position, position + 1 + count)
      }
      let start = position < blockEnd ? blockStart : position
      for slot in instruction.slots {
        if lives[slot] == nil {
          lives[slot] = Life(slot: slot, start: start, end: position, mentions: 0)
          order.append(slot)
        }
        lives[slot]?.end = position
        lives[slot]?.mentions += 1
      }
    }
    return order.compactMap { lives[$0] }.enumerated().sorted {
      ($0.element.start, $0.offset) < ($1.element.start, $1.offset)
    }.map(\.element)
  }
}

extension Instruction {
  /// Everything that is read or written.
  var slots: [Slot] {
    switch self {
    case .set(let slot, _): [slot]
    case .multiplyAdd(let slot, let operand, _): [slot, operand]
    case .rectify(let step): [step.sum, step.output] + step.marks.map(\.mask)
    case .skip(let condition, _): [condition.slot] + (condition.minus.map { [$0] } ?? [])
    case .exit(let conditions, _, _): conditions.flatMap { [$0.slot] + ($0.minus.map { [$0] } ?? []) }
    case .decide(let logits): logits
    case .decideDifference: [.difference]
    }
  }
}
