/// Instructions with labels, laid out so that every branch reaches its target.
struct RV32Assembler {
  private enum Item {
    case instruction(RV32Instruction)
    case branch(RV32Operation, UInt8, UInt8, Int)
    case jump(Int)
    case label(Int)
  }

  private var items: [Item] = []
  private var labels = 0

  /// A new label, to be placed later.
  mutating func makeLabel() -> Int {
    labels += 1
    return labels - 1
  }

  /// Puts `label` here.
  mutating func place(_ label: Int) { items.append(.label(label)) }

  /// Appends an instruction without a target.
  mutating func emit(
    _ operation: RV32Operation, rd: UInt8 = 0, rs1: UInt8 = 0, rs2: UInt8 = 0, immediate: Int = 0
  ) {
    items.append(
      .instruction(
        RV32Instruction(operation, rd: rd, rs1: rs1, rs2: rs2, immediate: Int32(truncatingIfNeeded: immediate))))
  }

  /// Appends a conditional branch.
  mutating func branch(_ operation: RV32Operation, _ rs1: UInt8, _ rs2: UInt8, to label: Int) {
    items.append(.branch(operation, rs1, rs2, label))
  }

  /// Appends a jump.
  mutating func jump(to label: Int) { items.append(.jump(label)) }

  /// `rd = value` in one or two instructions.
  mutating func load(_ value: Int, into rd: UInt8) {
    let value = Int32(truncatingIfNeeded: value)
    if (-2048..<2048).contains(value) {
      emit(.addi, rd: rd, immediate: Int(value))
      return
    }
    // `addi` sign-extends, so the upper part is rounded.
    let upper = (value &+ 0x800) & ~0xFFF
    emit(.lui, rd: rd, immediate: Int(upper))
    if value != upper { emit(.addi, rd: rd, rs1: rd, immediate: Int(value &- upper)) }
  }

  /// The final code and, per instruction, the label it goes to.
  func assemble() -> (instructions: [RV32Instruction], targets: [Int?], labels: [Int: Int]) {
    var far: Set<Int> = []
    while true {
      let positions = layout(far)
      let grown = items.indices.filter { index in
        guard case .branch(_, _, _, let label) = items[index], !far.contains(index) else { return false }
        let distance = (positions.labels[label] ?? 0) - positions.items[index]
        return !(-4096..<4096).contains(distance)
      }
      guard !grown.isEmpty else { return final(far, positions) }
      far.formUnion(grown)
    }
  }

  private func layout(_ far: Set<Int>) -> (items: [Int], labels: [Int: Int]) {
    var address = 0
    var starts: [Int] = []
    var places: [Int: Int] = [:]
    for (index, item) in items.enumerated() {
      starts.append(address)
      switch item {
      case .label(let label): places[label] = address
      case .branch: address += far.contains(index) ? 8 : 4
      default: address += 4
      }
    }
    return (starts, places)
  }

  private func final(
    _ far: Set<Int>, _ positions: (items: [Int], labels: [Int: Int])
  ) -> (instructions: [RV32Instruction], targets: [Int?], labels: [Int: Int]) {
    var code: [RV32Instruction] = []
    var targets: [Int?] = []
    func offset(_ label: Int) -> Int32 { Int32((positions.labels[label] ?? 0) - 4 * code.count) }
    for (index, item) in items.enumerated() {
      switch item {
      case .label: continue
      case .instruction(let instruction):
        code.append(instruction)
        targets.append(nil)
      case .jump(let label):
        code.append(RV32Instruction(.jal, immediate: offset(label)))
        targets.append(label)
      case .branch(let operation, let rs1, let rs2, let label):
        if far.contains(index) {
          code.append(RV32Instruction(operation.inverted, rs1: rs1, rs2: rs2, immediate: 8))
          targets.append(nil)
          code.append(RV32Instruction(.jal, immediate: offset(label)))
        } else {
          code.append(RV32Instruction(operation, rs1: rs1, rs2: rs2, immediate: offset(label)))
        }
        targets.append(label)
      }
    }
    return (code, targets, positions.labels)
  }
}

extension RV32Operation {
  /// The branch for the opposite condition.
  var inverted: RV32Operation {
    switch self {
    case .beq: .bne
    case .bne: .beq
    case .blt: .bge
    case .bge: .blt
    case .bltu: .bgeu
    default: .bltu
    }
  }
}
