extension Cell: CustomStringConvertible {
  /// The cell of a word of six digits, such as `421211`.
  ///
  /// - Throws: ``PELNASError/badCell(_:problem:)`` with the place of the fault.
  public init(word: String) throws(PELNASError) {
    let bytes = Array(word.utf8)
    guard bytes.count == Self.edgeCount else {
      throw .badCell(word, problem: "it has \(bytes.count) characters, expected 6")
    }
    var code = 0
    for (edge, byte) in bytes.enumerated() {
      guard (UInt8(ascii: "0")...UInt8(ascii: "4")).contains(byte) else {
        throw .badCell(word, problem: "character \(edge + 1) is not a digit 0…4")
      }
      code = 5 * code + Int(byte - UInt8(ascii: "0"))
    }
    self.init(uncheckedCode: code)
  }

  /// The cell of a benchmark string, `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.
  ///
  /// - Throws: ``PELNASError/badCell(_:problem:)`` with the edge that is wrong.
  public init(archString text: String) throws(PELNASError) {
    let nodes = text.split(separator: "+", omittingEmptySubsequences: false)
    guard nodes.count == 3 else {
      throw .badCell(text, problem: "it has \(nodes.count) nodes between plus signs, expected 3")
    }
    var operations: [CellOperation] = []
    for (node, part) in nodes.enumerated() {
      let fields = part.split(separator: "|", omittingEmptySubsequences: false)
      guard fields.count == node + 3, fields.first == "", fields.last == "" else {
        throw .badCell(text, problem: "node \(node + 1) needs \(node + 1) operations between bars")
      }
      for source in 0...node {
        let pair = fields[source + 1].split(separator: "~", omittingEmptySubsequences: false)
        guard pair.count == 2, pair[1] == "\(source)", let operation = CellOperation(name: pair[0]) else {
          throw .badCell(text, problem: "edge \(source)→\(node + 1) is '\(fields[source + 1])'")
        }
        operations.append(operation)
      }
    }
    self.init(operations)
  }

  /// A cell of either notation.
  public init(_ text: String) throws(PELNASError) {
    if text.contains("|") { try self.init(archString: text) } else { try self.init(word: text) }
  }

  /// The word of six digits.
  public var word: String { String((0..<Self.edgeCount).map { Character("\(digit($0))") }) }

  /// The benchmark's notation.
  public var archString: String {
    var edge = 0
    var parts: [String] = []
    for node in 1...3 {
      var text = "|"
      for source in 0..<node {
        text += "\(self[edge].name)~\(source)|"
        edge += 1
      }
      parts.append(text)
    }
    return parts.joined(separator: "+")
  }

  public var description: String { word }
}

extension Cell: Codable {
  /// Reads a word.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(word: container.decode(String.self))
    } catch let error as PELNASError {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  /// Writes the word.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(word)
  }
}
