/// Lowers a program to RV32IM with its own register allocation (specification 2.8): products by shift and add where the core is
/// faster that way, weights as immediates, exits as direct branches.
struct RV32Backend {
  private let program: LogicProgram
  private let model: CoreModel
  private let allocation: RegisterAllocation
  private var assembler = RV32Assembler()
  private var stubs: [Int: Int] = [:]
  private var blockEnds: [(position: Int, label: Int)] = []

  /// t0, t1, t2: never allocated.
  private static let accumulator: UInt8 = 5
  private static let operand: UInt8 = 6
  private static let constant: UInt8 = 7

  init(_ program: LogicProgram, model: CoreModel) {
    self.program = program
    self.model = model
    allocation = RegisterAllocation(program)
  }

  private var frame: Int { (4 * (allocation.stackWords + allocation.saved.count) + 15) & ~15 }

  /// The code of the function.
  mutating func lower() -> RV32Assembler {
    if frame > 0 { assembler.emit(.addi, rd: 2, rs1: 2, immediate: -frame) }
    for (index, register) in allocation.saved.enumerated() {
      assembler.emit(.sw, rs1: 2, rs2: register, immediate: 4 * (allocation.stackWords + index))
    }
    for (position, instruction) in program.instructions.enumerated() {
      while let block = blockEnds.last, block.position == position {
        assembler.place(block.label)
        blockEnds.removeLast()
      }
      for slot in allocation.loads[position] ?? [] {
        if case .register(let register) = allocation.homes[slot] { loadInput(slot, into: register) }
      }
      lower(instruction, at: position)
    }
    for (outcome, label) in stubs.sorted(by: { $0.key < $1.key }) {
      assembler.place(label)
      assembler.load(outcome, into: 10)
      finish()
    }
    return assembler
  }

  private mutating func finish() {
    for (index, register) in allocation.saved.enumerated() {
      assembler.emit(.lw, rd: register, rs1: 2, immediate: 4 * (allocation.stackWords + index))
    }
    if frame > 0 { assembler.emit(.addi, rd: 2, rs1: 2, immediate: frame) }
    assembler.emit(.jalr, rs1: 1)
  }

  // MARK: - Homes

  private mutating func loadInput(_ slot: Slot, into register: UInt8) {
    if case .input(let index) = slot { assembler.emit(.lbu, rd: register, rs1: 10, immediate: index) }
  }

  /// A register that holds `slot`: its own, or `scratch` after a load.
  private mutating func read(_ slot: Slot, _ scratch: UInt8) -> UInt8 {
    switch allocation.homes[slot] {
    case .register(let register): return register
    case .stack(let offset): assembler.emit(.lw, rd: scratch, rs1: 2, immediate: offset)
    case .memory, nil: loadInput(slot, into: scratch)
    }
    return scratch
  }

  /// The register to compute `slot` in.
  private func target(_ slot: Slot, _ scratch: UInt8) -> UInt8 {
    if case .register(let register) = allocation.homes[slot] { return register }
    return scratch
  }

  /// Stores `slot`, computed in `register`, if its home is the stack.
  private mutating func write(_ slot: Slot, _ register: UInt8) {
    if case .stack(let offset) = allocation.homes[slot] {
      assembler.emit(.sw, rs1: 2, rs2: register, immediate: offset)
    }
  }

  // MARK: - Instructions

  private mutating func lower(_ instruction: Instruction, at position: Int) {
    switch instruction {
    case .set(let slot, let value):
      let register = target(slot, Self.accumulator)
      assembler.load(value, into: register)
      write(slot, register)
    case .multiplyAdd(let slot, let operand, let weight):
      let sum = read(slot, Self.accumulator)
      addProduct(sum, read(operand, Self.operand), weight)
      write(slot, sum)
    case .rectify(let step): rectify(step)
    case .skip(let condition, let count):
      let end = assembler.makeLabel()
      branch(if: condition, to: end)
      blockEnds.append((position + 1 + count, end))
    case .exit(let conditions, let outcome, _): exit(conditions, outcome)
    case .decide(let logits): decide(logits)
    case .decideDifference:
      let difference = read(.difference, Self.accumulator)
      assembler.emit(.slt, rd: 10, rs1: 0, rs2: difference)
      finish()
    }
  }

  /// `sum += value · weight`, the cheapest way on the core.
  private mutating func addProduct(_ sum: UInt8, _ value: UInt8, _ weight: Int) {
    let magnitude = weight.magnitude
    let combine: RV32Operation = weight < 0 ? .sub : .add
    let zeros = magnitude.trailingZeroBitCount
    let odd = Int(magnitude >> zeros)
    if odd == 1 {
      guard zeros > 0 else {
        assembler.emit(combine, rd: sum, rs1: sum, rs2: value)
        return
      }
      assembler.emit(.slli, rd: Self.constant, rs1: value, immediate: zeros)
      assembler.emit(combine, rd: sum, rs1: sum, rs2: Self.constant)
      return
    }
    let isSumOfTwo = (odd - 1).nonzeroBitCount == 1
    let isDifferenceOfTwo = (odd + 1).nonzeroBitCount == 1
    let shiftCost = (zeros > 0 ? 3 : 2) * model.cycles.alu
    if isSumOfTwo || isDifferenceOfTwo, shiftCost <= model.cycles.alu + model.cycles.mul {
      let shift = (isSumOfTwo ? odd - 1 : odd + 1).trailingZeroBitCount
      assembler.emit(.slli, rd: Self.constant, rs1: value, immediate: shift)
      assembler.emit(isSumOfTwo ? .add : .sub, rd: Self.constant, rs1: Self.constant, rs2: value)
      if zeros > 0 { assembler.emit(.slli, rd: Self.constant, rs1: Self.constant, immediate: zeros) }
      assembler.emit(combine, rd: sum, rs1: sum, rs2: Self.constant)
      return
    }
    assembler.load(weight, into: Self.constant)
    assembler.emit(.mul, rd: Self.constant, rs1: Self.constant, rs2: value)
    assembler.emit(.add, rd: sum, rs1: sum, rs2: Self.constant)
  }

  private mutating func rectify(_ step: Rectification) {
    let sum = read(step.sum, Self.operand)
    let output = target(step.output, Self.accumulator)
    let done = assembler.makeLabel()
    assembler.load(0, into: output)
    assembler.branch(.bge, 0, sum, to: done)
    assembler.load(step.multiplier, into: Self.constant)
    assembler.emit(.mul, rd: output, rs1: sum, rs2: Self.constant)
    if step.isWide {
      wideShift(step, sum, output)
    } else {
      if step.shift > 0 { assembler.emit(.srli, rd: output, rs1: output, immediate: step.shift) }
      if let cap = step.cap { limit(output, cap) }
    }
    for mark in step.marks {
      let mask = read(mark.mask, Self.operand)
      if mark.bit < 11 {
        assembler.emit(.ori, rd: mask, rs1: mask, immediate: 1 << mark.bit)
      } else {
        assembler.load(1 << mark.bit, into: Self.constant)
        assembler.emit(.or, rd: mask, rs1: mask, rs2: Self.constant)
      }
      write(mark.mask, mask)
    }
    assembler.place(done)
    write(step.output, output)
  }

  private mutating func limit(_ register: UInt8, _ cap: Int) {
    let below = assembler.makeLabel()
    assembler.load(cap, into: Self.constant)
    assembler.branch(.bgeu, Self.constant, register, to: below)
    assembler.emit(.addi, rd: register, rs1: Self.constant)
    assembler.place(below)
  }

  /// The product's low word is in `output`, the multiplier in the constant register.
  private mutating func wideShift(_ step: Rectification, _ sum: UInt8, _ output: UInt8) {
    let high = Self.constant
    assembler.emit(.mulhu, rd: high, rs1: sum, rs2: Self.constant)
    // Without a cap interval bounds show that the shifted product fits into 31 bits.
    let (large, end) = (assembler.makeLabel(), assembler.makeLabel())
    if step.cap != nil {
      // `sum` is not needed any more when it lies in the scratch register, but it may live on elsewhere.
      assembler.emit(.srli, rd: Self.operand, rs1: high, immediate: step.shift)
      assembler.branch(.bne, Self.operand, 0, to: large)
    }
    if step.shift > 0 {
      assembler.emit(.srli, rd: output, rs1: output, immediate: step.shift)
      assembler.emit(.slli, rd: high, rs1: high, immediate: 32 - step.shift)
      assembler.emit(.or, rd: output, rs1: output, rs2: high)
    }
    guard let cap = step.cap else { return }
    limit(output, cap)
    assembler.jump(to: end)
    assembler.place(large)
    assembler.load(cap, into: output)
    assembler.place(end)
  }

  // MARK: - Control

  /// Branches to `label` if `condition` holds, or if it does not.
  private mutating func branch(if condition: Comparison, negated: Bool = false, to label: Int) {
    var left = read(condition.slot, Self.accumulator)
    if let minus = condition.minus {
      let right = read(minus, Self.operand)
      assembler.emit(.sub, rd: Self.accumulator, rs1: left, rs2: right)
      left = Self.accumulator
    }
    var operation: RV32Operation
    var (first, second) = (left, Self.constant)
    var value = condition.value
    switch condition.relation {
    case .equal: operation = .beq
    case .atLeast where value == 1:
      // 0 < left
      (operation, first, second, value) = (.blt, 0, left, 0)
    case .atLeast: operation = .bge
    case .atMost:
      // constant ≥ left
      (operation, first, second) = (.bge, Self.constant, left)
    }
    if value == 0 {
      if first == Self.constant { first = 0 }
      if second == Self.constant { second = 0 }
    } else {
      assembler.load(value, into: Self.constant)
    }
    if negated { operation = operation.inverted }
    assembler.branch(operation, first, second, to: label)
  }

  private mutating func exit(_ conditions: [Comparison], _ outcome: Int) {
    let stub = stubs[outcome] ?? assembler.makeLabel()
    stubs[outcome] = stub
    guard let last = conditions.last else {
      assembler.jump(to: stub)
      return
    }
    let next = assembler.makeLabel()
    for condition in conditions.dropLast() { branch(if: condition, negated: true, to: next) }
    branch(if: last, to: stub)
    assembler.place(next)
  }

  private mutating func decide(_ logits: [Slot]) {
    let (best, outcome) = (Self.accumulator, UInt8(10))
    assembler.emit(.addi, rd: best, rs1: read(logits[0], Self.operand))
    // The features are not needed any more, so a0 is free for the answer.
    assembler.load(0, into: outcome)
    for (k, slot) in logits.enumerated().dropFirst() {
      let next = assembler.makeLabel()
      let logit = read(slot, Self.operand)
      assembler.branch(.bge, best, logit, to: next)
      assembler.emit(.addi, rd: best, rs1: logit)
      assembler.load(k, into: outcome)
      assembler.place(next)
    }
    finish()
  }
}

extension LogicProgram {
  /// Machine code for the simulator, made without any external tool.
  public func machineCode(for model: CoreModel) -> RV32Program {
    var backend = RV32Backend(self, model: model)
    return RV32Program(instructions: backend.lower().assemble().instructions)
  }

  /// RV32IM assembly text: `int name(const uint8_t *x)`.
  public func emitAssembly(for model: CoreModel) -> String {
    var backend = RV32Backend(self, model: model)
    let (code, targets, labels) = backend.lower().assemble()
    let used = Set(targets.compactMap { $0 })
    var places: [Int: [Int]] = [:]
    for (label, address) in labels where used.contains(label) { places[address / 4, default: []].append(label) }
    var lines = ["  .text", "  .globl \(name)", "  .type \(name), @function", "\(name):"]
    for (index, instruction) in code.enumerated() {
      for label in (places[index] ?? []).sorted() { lines.append(".L\(label):") }
      lines.append("  " + instruction.text(label: targets[index].map { ".L\($0)" }))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
