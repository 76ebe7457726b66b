/// Emits a program as source text that compiles without warnings: C99 (freestanding, no library) or Swift.
struct TextEmitter {
  /// What differs between the languages.
  enum Language { case c, swift }

  private let program: LogicProgram
  private let language: Language
  private var lines: [String] = []
  private var depth = 1
  /// Positions in the instruction list at which a block ends.
  private var blockEnds: [Int] = []

  init(_ program: LogicProgram, _ language: Language) {
    self.program = program
    self.language = language
  }

  /// The whole file.
  mutating func text() -> String {
    let slots = declared()
    switch language {
    case .c:
      lines = [
        "/* \(program.inputs) features -> class; every answer equals the integer network's. */", "#include <stdint.h>",
        "",
        "int \(program.name)(const uint8_t *x);", "", "int \(program.name)(const uint8_t *x) {",
      ]
      for chunk in stride(from: 0, to: slots.count, by: 10) {
        line("int32_t " + slots[chunk..<min(chunk + 10, slots.count)].joined(separator: ", ") + ";")
      }
      for slot in unread() { line("(void)\(slot);") }
    case .swift:
      lines = [
        "/// \(program.inputs) features -> class; every answer equals the integer network's.",
        "func \(program.name)(_ x: [UInt8]) -> Int {",
      ]
      for slot in slots { line("var \(slot): Int32 = 0") }
    }
    for (index, instruction) in program.instructions.enumerated() {
      close(at: index)
      emit(instruction, at: index)
    }
    lines.append("}")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Names of everything that is written to, in the order of first writing.
  private func declared() -> [String] {
    var seen: Set<Slot> = []
    var names: [String] = []
    for instruction in program.instructions {
      let written: [Slot] =
        switch instruction {
        case .set(let slot, _): [slot]
        case .rectify(let step): [step.output]
        default: []
        }
      for slot in written where seen.insert(slot).inserted { names.append(name(slot)) }
    }
    return names
  }

  /// Names of outputs that exist for their sign only.
  private func unread() -> [String] {
    var read: Set<Slot> = []
    for case .multiplyAdd(_, let operand, _) in program.instructions { read.insert(operand) }
    return program.instructions.compactMap { instruction in
      guard case .rectify(let step) = instruction, !read.contains(step.output) else { return nil }
      return name(step.output)
    }
  }

  private func name(_ slot: Slot) -> String {
    switch slot {
    case .input(let index): language == .c ? "x[\(index)]" : "Int32(x[\(index)])"
    case .sum(let layer, let neuron): "a\(layer)_\(neuron)"
    case .output(let layer, let neuron): "y\(layer)_\(neuron)"
    case .difference: "d"
    case .mask(let flow, let word): "m\(flow)_\(word)"
    }
  }

  private mutating func line(_ text: String) { lines.append(String(repeating: "  ", count: depth) + text) }

  private mutating func close(at index: Int) {
    while blockEnds.last == index {
      blockEnds.removeLast()
      depth -= 1
      line("}")
    }
  }

  private var semicolon: String { language == .c ? ";" : "" }

  /// `if condition {`
  private func opened(_ condition: String) -> String { language == .c ? "if (\(condition)) {" : "if \(condition) {" }

  /// A literal; C has none for the smallest value.
  private func literal(_ value: Int) -> String {
    language == .c && value == Int(Int32.min) ? "(-2147483647 - 1)" : "\(value)"
  }

  private func text(_ comparison: Comparison, negated: Bool = false) -> String {
    let left = name(comparison.slot) + (comparison.minus.map { (language == .c ? " - " : " &- ") + name($0) } ?? "")
    let symbol =
      switch (comparison.relation, negated) {
      case (.atMost, false): "<="
      case (.atMost, true): ">"
      case (.atLeast, false): ">="
      case (.atLeast, true): "<"
      case (.equal, false): "=="
      case (.equal, true): "!="
      }
    return "\(left) \(symbol) \(literal(comparison.value))"
  }

  private mutating func emit(_ instruction: Instruction, at index: Int) {
    switch instruction {
    case .set(let slot, let value): line("\(name(slot)) = \(literal(value))\(semicolon)")
    case .multiplyAdd(let slot, let operand, let weight):
      let sign = language == .c ? (weight < 0 ? "-=" : "+=") : (weight < 0 ? "&-=" : "&+=")
      let product =
        abs(weight) == 1
        ? name(operand) : "\(abs(weight)) \(language == .c ? "*" : "&*") \(name(operand))"
      line("\(name(slot)) \(sign) \(product)\(semicolon)")
    case .rectify(let step): emit(step)
    case .skip(let condition, let count):
      line(opened(text(condition, negated: true)))
      depth += 1
      blockEnds.append(index + 1 + count)
    case .exit(let conditions, let outcome, _):
      let all = conditions.map { text($0) }.joined(separator: " && ")
      guard !all.isEmpty else {
        line("return \(outcome)\(semicolon)")
        return
      }
      line(opened(all))
      line("  return \(outcome)\(semicolon)")
      line("}")
    case .decide(let logits): emit(logits)
    case .decideDifference: line("return d > 0 ? 1 : 0\(semicolon)")
    }
  }

  private mutating func emit(_ step: Rectification) {
    let (sum, output) = (name(step.sum), name(step.output))
    line(opened("\(sum) > 0"))
    depth += 1
    switch (language, step.isWide) {
    case (.c, false): line("\(output) = (\(sum) * \(step.multiplier)) >> \(step.shift);")
    case (.swift, false): line("\(output) = (\(sum) &* \(step.multiplier)) &>> \(step.shift)")
    case (.c, true):
      line("const int64_t p = ((int64_t)\(sum) * \(step.multiplier)) >> \(step.shift);")
      let cap = step.cap.map { "p > \($0) ? \($0) : " } ?? ""
      line("\(output) = \(cap)(int32_t)p;")
    case (.swift, true):
      line("let p = (Int64(\(sum)) &* \(step.multiplier)) &>> \(step.shift)")
      line("\(output) = Int32(truncatingIfNeeded: \(step.cap.map { "min(p, \($0))" } ?? "p"))")
    }
    if !step.isWide, let cap = step.cap {
      line(opened("\(output) > \(cap)"))
      line("  \(output) = \(cap)\(semicolon)")
      line("}")
    }
    for mark in step.marks {
      line("\(name(mark.mask)) |= \(literal(Int(Int32(truncatingIfNeeded: 1 << mark.bit))))\(semicolon)")
    }
    depth -= 1
    line("} else {")
    line("  \(output) = 0\(semicolon)")
    line("}")
  }

  private mutating func emit(_ logits: [Slot]) {
    line(language == .c ? "int32_t best = \(name(logits[0]));" : "var best = \(name(logits[0]))")
    line(language == .c ? "int outcome = 0;" : "var outcome = 0")
    for (k, slot) in logits.enumerated().dropFirst() {
      line(opened("\(name(slot)) > best"))
      // Nobody reads the last `best`.
      if k < logits.count - 1 { line("  best = \(name(slot))\(semicolon)") }
      line("  outcome = \(k)\(semicolon)")
      line("}")
    }
    line("return outcome\(semicolon)")
  }
}

extension LogicProgram {
  /// C99 without allocation or library: `int name(const uint8_t *x)`.
  public func emitC() -> String {
    var emitter = TextEmitter(self, .c)
    return emitter.text()
  }

  /// Swift: `func name(_ x: [UInt8]) -> Int`.
  public func emitSwift() -> String {
    var emitter = TextEmitter(self, .swift)
    return emitter.text()
  }
}
