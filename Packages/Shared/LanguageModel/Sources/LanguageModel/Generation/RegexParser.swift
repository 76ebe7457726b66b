/// Parses the usual regular expression syntax into a ``ByteExpression`` that matches whole texts.
///
/// Literals (any Unicode), `.` (any scalar but a line feed), classes `[a-z0-9_]` and `[^…]`, escapes `\d \w \s \D \W \S \n \t \r` and
/// `\` before punctuation, groups `(…)` and `(?:…)`, alternatives `|`, repetition `* + ? {n} {n,} {n,m}`. Character classes are ASCII,
/// negated ones match every other Unicode scalar.
struct RegexParser {
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0

  /// The largest count in `{n,m}`.
  static let maximumCount = 1000
  /// The deepest nesting of groups.
  static let maximumDepth = 64

  static func parse(_ pattern: String) throws(LanguageModelError) -> ByteExpression {
    var parser = RegexParser(scalars: Array(pattern.unicodeScalars))
    let expression = try parser.alternatives()
    if parser.position < parser.scalars.count { throw parser.error("unexpected ')'") }
    return expression
  }

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  private func error(_ problem: String) -> LanguageModelError {
    LanguageModelError(
      .invalidArgument, "regular expression \"\(String(String.UnicodeScalarView(scalars)))\": \(problem) at \(position)"
    )
  }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func alternatives() throws(LanguageModelError) -> ByteExpression {
    var parts = [try sequence()]
    while take("|") { parts.append(try sequence()) }
    return parts.count == 1 ? parts[0] : .alternatives(parts)
  }

  private mutating func sequence() throws(LanguageModelError) -> ByteExpression {
    var parts: [ByteExpression] = []
    while let scalar = next, scalar != "|", scalar != ")" { parts.append(try repetition()) }
    return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func repetition() throws(LanguageModelError) -> ByteExpression {
    let item = try atom()
    let repeated: ByteExpression
    if take("*") {
      repeated = .repetition(item, minimum: 0, maximum: nil)
    } else if take("+") {
      repeated = .repetition(item, minimum: 1, maximum: nil)
    } else if take("?") {
      repeated = .repetition(item, minimum: 0, maximum: 1)
    } else if take("{") {
      repeated = try counted(item)
    } else {
      return item
    }
    // Lazy and possessive forms mean nothing for whole texts, and a tower of repetitions would be as deep as the pattern is long.
    if let scalar = next, "*+?{".unicodeScalars.contains(scalar) { throw error("a repetition of a repetition") }
    return repeated
  }

  private mutating func counted(_ item: ByteExpression) throws(LanguageModelError) -> ByteExpression {
    let minimum = try count()
    var maximum: Int? = minimum
    if take(",") { maximum = next == "}" ? nil : try count() }
    guard take("}") else { throw error("missing '}'") }
    if let maximum, maximum < minimum { throw error("{\(minimum),\(maximum)} is an empty range") }
    return .repetition(item, minimum: minimum, maximum: maximum)
  }

  private mutating func count() throws(LanguageModelError) -> Int {
    var value = 0
    let start = position
    while let scalar = next, ("0"..."9").contains(scalar) {
      value = value * 10 + Int(scalar.value - 48)
      if value > Self.maximumCount { throw error("a count above \(Self.maximumCount)") }
      position += 1
    }
    if position == start { throw error("a number is missing") }
    return value
  }

  private mutating func atom() throws(LanguageModelError) -> ByteExpression {
    guard let scalar = next else { throw error("something is missing") }
    position += 1
    switch scalar {
    case "(":
      depth += 1
      if depth > Self.maximumDepth { throw error("groups nested deeper than \(Self.maximumDepth)") }
      if take("?"), !take(":") { throw error("only (?:…) groups are supported,") }
      let group = try alternatives()
      guard take(")") else { throw error("missing ')'") }
      depth -= 1
      return group
    case "[": return try characterClass()
    case ".": return .scalar(excluding: ByteSet(CollectionOfOne(10)))
    case "\\": return try escape()
    case "*", "+", "?", "{": throw error("nothing to repeat")
    case "^", "$": throw error("anchors are not needed: the whole text is matched,")
    default: return .text(String(scalar))
    }
  }

  private mutating func escape() throws(LanguageModelError) -> ByteExpression {
    guard let scalar = next else { throw error("a lone backslash") }
    position += 1
    if let set = Self.namedClass(scalar) { return .byte(set) }
    let lower = Unicode.Scalar(scalar.value + 32).flatMap { "DWS".unicodeScalars.contains(scalar) ? $0 : nil }
    if let lower, let set = Self.namedClass(lower) { return .scalar(excluding: set) }
    return .byte(ByteSet(CollectionOfOne(try literalEscape(scalar))))
  }

  private func literalEscape(_ scalar: Unicode.Scalar) throws(LanguageModelError) -> UInt8 {
    switch scalar {
    case "n": return 10
    case "t": return 9
    case "r": return 13
    default:
      let isLetterOrDigit = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
      guard scalar.isASCII, !isLetterOrDigit else { throw error("unknown escape \\\(scalar)") }
      return UInt8(scalar.value)
    }
  }

  private static func namedClass(_ scalar: Unicode.Scalar) -> ByteSet? {
    switch scalar {
    case "d": ByteSet(48...57)
    case "w": ByteSet(48...57).union(ByteSet(65...90)).union(ByteSet(97...122)).union(ByteSet(CollectionOfOne(95)))
    case "s": ByteSet([9, 10, 11, 12, 13, 32])
    default: nil
    }
  }

  private mutating func characterClass() throws(LanguageModelError) -> ByteExpression {
    let isNegated = take("^")
    var set = ByteSet()
    var isFirst = true
    while let scalar = next, scalar != "]" || isFirst {
      isFirst = false
      position += 1
      if scalar == "\\", let name = next, let named = Self.namedClass(name) {
        position += 1
        set = set.union(named)
        continue
      }
      let low = try classByte(scalar)
      guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
        set.insert(low)
        continue
      }
      position += 1
      let end = scalars[position]
      position += 1
      let high = try classByte(end)
      guard low <= high else { throw error("an empty range in a class") }
      set = set.union(ByteSet(low...high))
    }
    guard take("]") else { throw error("missing ']'") }
    return isNegated ? .scalar(excluding: set) : .byte(set)
  }

  private mutating func classByte(_ scalar: Unicode.Scalar) throws(LanguageModelError) -> UInt8 {
    if scalar == "\\" {
      guard let escaped = next else { throw error("a lone backslash") }
      position += 1
      return try literalEscape(escaped)
    }
    guard scalar.isASCII else { throw error("'\(scalar)' in a class: only ASCII is supported there, use (…|…),") }
    return UInt8(scalar.value)
  }
}
