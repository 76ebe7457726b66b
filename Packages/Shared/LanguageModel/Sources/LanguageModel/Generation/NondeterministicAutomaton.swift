/// Thompson's construction, and the subset construction that makes it deterministic.
struct NondeterministicAutomaton {
  private struct State {
    /// The bytes of the one labelled transition, and its target.
    var bytes: ByteSet?
    var target: Int32 = -1
    var epsilon: [Int32] = []
  }

  private var states: [State] = [State()]
  /// The accepting state.
  let final: Int32 = 0

  private mutating func make(_ state: State) throws(LanguageModelError) -> Int32 {
    guard states.count < 4 * ByteAutomaton.maximumStates else { throw Self.tooLarge }
    states.append(state)
    return Int32(states.count - 1)
  }

  private static var tooLarge: LanguageModelError {
    LanguageModelError(
      .invalidArgument, "the expression needs more than \(ByteAutomaton.maximumStates) states",
      remedy: "use smaller repetition counts or lengths")
  }

  /// Adds states that match `expression` and go on to `next`; returns the entry.
  mutating func add(_ expression: ByteExpression, next: Int32) throws(LanguageModelError) -> Int32 {
    switch expression {
    case .empty: return next
    case .byte(let set): return try make(State(bytes: set, target: next))
    case .sequence(let parts):
      var entry = next
      for part in parts.reversed() { entry = try add(part, next: entry) }
      return entry
    case .alternatives(let parts):
      var entries: [Int32] = []
      for part in parts { entries.append(try add(part, next: next)) }
      return try make(State(epsilon: entries))
    case .repetition(let part, let minimum, let maximum):
      var entry = next
      if let maximum {
        for _ in minimum..<max(minimum, maximum) {
          let once = try add(part, next: entry)
          entry = try make(State(epsilon: [once, next]))
        }
      } else {
        let loop = try make(State())
        let body = try add(part, next: loop)
        states[Int(loop)].epsilon = [body, next]
        entry = loop
      }
      for _ in 0..<minimum {
        let earlier = try add(part, next: entry)
        // Something empty, repeated, stays empty; going on would take forever in nested counts.
        if earlier == entry { break }
        entry = earlier
      }
      return entry
    }
  }

  /// Transitions (256 per state, -1 is none) and accepting flags of the equivalent deterministic automaton; state 0 is the start.
  func determinized(from entry: Int32) throws(LanguageModelError) -> (transitions: [Int32], accepting: [Bool]) {
    var known: [[Int32]: Int32] = [:]
    var sets: [[Int32]] = []
    var transitions: [Int32] = []
    var mark = [Int32](repeating: -1, count: states.count)
    var stamp: Int32 = 0

    func closure(_ seeds: [Int32]) -> [Int32] {
      stamp += 1
      var stack = seeds
      var result: [Int32] = []
      while let state = stack.popLast() {
        if mark[Int(state)] == stamp { continue }
        mark[Int(state)] = stamp
        if states[Int(state)].bytes != nil || state == final { result.append(state) }
        stack += states[Int(state)].epsilon
      }
      return result.sorted()
    }

    func index(_ set: [Int32]) throws(LanguageModelError) -> Int32 {
      if let found = known[set] { return found }
      guard sets.count < ByteAutomaton.maximumStates else { throw Self.tooLarge }
      known[set] = Int32(sets.count)
      sets.append(set)
      transitions += [Int32](repeating: -1, count: 256)
      return Int32(sets.count - 1)
    }

    _ = try index(closure([entry]))
    var current = 0
    while current < sets.count {
      let members = sets[current].filter { states[Int($0)].bytes != nil }
      var memo: [[Int32]: Int32] = [:]
      for byte in 0..<256 {
        let targets = members.compactMap { member in
          states[Int(member)].bytes?.contains(UInt8(byte)) == true ? states[Int(member)].target : nil
        }
        if targets.isEmpty { continue }
        if let found = memo[targets] {
          transitions[current << 8 | byte] = found
        } else {
          let target = try index(closure(targets))
          memo[targets] = target
          transitions[current << 8 | byte] = target
        }
      }
      current += 1
    }
    return (transitions, sets.map { $0.contains(final) })
  }
}
