/// A deterministic automaton over bytes: the compiled form of a ``ByteExpression``.
///
/// Every state can still reach acceptance; transitions that could not are dead.
public final class ByteAutomaton: Sendable {
  /// No state: the text cannot be continued to a match.
  static let dead: Int32 = -1
  /// The most states an automaton may have.
  static let maximumStates = 50_000

  private let transitions: [Int32]
  private let accepting: [Bool]
  /// The state before any byte.
  public let start: Int32

  /// Compiles an expression.
  ///
  /// - Throws: ``LanguageModelError`` if the expression needs too many states or matches nothing.
  public init(_ expression: ByteExpression) throws(LanguageModelError) {
    var builder = NondeterministicAutomaton()
    let entry = try builder.add(expression, next: builder.final)
    let (raw, final) = try builder.determinized(from: entry)
    let live = Self.liveStates(raw, final)
    guard live[0] else {
      throw LanguageModelError(.invalidArgument, "the expression matches no text at all")
    }
    transitions = raw.map { $0 >= 0 && live[Int($0)] ? $0 : Self.dead }
    accepting = final
    start = 0
  }

  /// Compiles a regular expression that must match the whole text.
  ///
  /// - Throws: ``LanguageModelError`` for a syntax error, or if it needs too many states.
  public convenience init(pattern: String) throws(LanguageModelError) { try self.init(RegexParser.parse(pattern)) }

  /// The number of states.
  public var stateCount: Int { accepting.count }

  /// The state after a byte; negative if no match is possible any more.
  @inline(__always)
  public func next(_ state: Int32, _ byte: UInt8) -> Int32 { transitions[Int(state) << 8 | Int(byte)] }

  /// Whether the text that led to the state matches.
  public func accepts(_ state: Int32) -> Bool { state >= 0 && accepting[Int(state)] }

  /// Whether the whole text matches.
  public func matches(_ text: some Sequence<UInt8>) -> Bool {
    var state = start
    for byte in text {
      state = next(state, byte)
      if state < 0 { return false }
    }
    return accepts(state)
  }

  /// The bytes that must follow a state because nothing else can, up to the first choice or possible end.
  public func forcedBytes(from state: Int32) -> (bytes: [UInt8], end: Int32) {
    var bytes: [UInt8] = []
    var state = state
    while !accepts(state), bytes.count < 4096, let only = onlyByte(state) {
      bytes.append(only)
      state = next(state, only)
    }
    return (bytes, state)
  }

  private func onlyByte(_ state: Int32) -> UInt8? {
    var only: UInt8?
    for byte in UInt8.min...UInt8.max where next(state, byte) >= 0 {
      if only != nil { return nil }
      only = byte
    }
    return only
  }

  /// The states from which acceptance can be reached.
  private static func liveStates(_ transitions: [Int32], _ accepting: [Bool]) -> [Bool] {
    var sources = [[Int32]](repeating: [], count: accepting.count)
    for state in accepting.indices {
      var last: Int32 = -1
      for byte in 0..<256 {
        let target = transitions[state << 8 | byte]
        if target >= 0 && target != last { sources[Int(target)].append(Int32(state)) }
        last = target
      }
    }
    var live = accepting
    var queue = accepting.indices.filter { accepting[$0] }
    while let state = queue.popLast() {
      for source in sources[state] where !live[Int(source)] {
        live[Int(source)] = true
        queue.append(Int(source))
      }
    }
    return live
  }
}
