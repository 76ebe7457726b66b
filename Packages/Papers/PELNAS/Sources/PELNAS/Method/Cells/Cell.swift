/// A cell of the NAS-Bench-201 topology space: a word of six operation codes on the edges of a DAG with four nodes.
///
/// Edge order: 0→1, 0→2, 1→2, 0→3, 1→3, 2→3. Node 0 is the cell's input, node 3 its output, and a node is the sum over its
/// incoming edges. There are 5⁶ = 15 625 words.
///
/// ```swift
/// let cell = try Cell(word: "333132")
/// cell.count(.conv3x3)      // 4
/// cell.canonical == cell    // true: no dead operation
/// ```
public struct Cell: Hashable, Sendable, Comparable {
  /// The word read as a number to base 5, first edge first: 0 … 15 624. Not the benchmark's own index.
  public let code: Int

  /// Number of cells in the space.
  public static let spaceSize = 15_625
  /// Number of edges.
  public static let edgeCount = 6
  /// Source and target node of each edge.
  public static let edges: [(source: Int, target: Int)] = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
  /// The weight of each edge's digit in ``code``.
  static let places = [3125, 625, 125, 25, 5, 1]
  /// All cells by code.
  public static let all: [Cell] = (0..<spaceSize).map { Cell(uncheckedCode: $0) }
  /// The cell without any operation: disconnected.
  public static let empty = Cell(uncheckedCode: 0)

  /// The cell with a code.
  ///
  /// - Throws: ``PELNASError/badCell(_:problem:)`` if there is no such code.
  public init(code: Int) throws(PELNASError) {
    guard (0..<Self.spaceSize).contains(code) else {
      throw .badCell("\(code)", problem: "codes go from 0 to \(Self.spaceSize - 1)")
    }
    self.code = code
  }

  init(uncheckedCode code: Int) { self.code = code }

  /// The cell with these operations.
  public init(_ operations: [CellOperation]) {
    precondition(operations.count == Self.edgeCount, "a cell has six operations, not \(operations.count)")
    code = operations.reduce(0) { 5 * $0 + Int($1.rawValue) }
  }

  /// The operations of the six edges.
  public var operations: [CellOperation] { (0..<Self.edgeCount).map { self[$0] } }

  /// The operation of an edge.
  public subscript(edge: Int) -> CellOperation {
    CellOperation(rawValue: UInt8(digit(edge))) ?? .none
  }

  /// The digit of an edge.
  @inline(__always) func digit(_ edge: Int) -> Int { code / Self.places[edge] % 5 }

  /// This cell with another operation on one edge.
  public func replacing(_ edge: Int, with operation: CellOperation) -> Cell {
    Cell(uncheckedCode: code + (Int(operation.rawValue) - digit(edge)) * Self.places[edge])
  }

  /// How often an operation occurs in the word, dead or not.
  public func count(_ operation: CellOperation) -> Int {
    (0..<Self.edgeCount).count { digit($0) == Int(operation.rawValue) }
  }

  /// The 24 cells that differ on exactly one edge, by edge and operation.
  public func neighbours() -> [Cell] {
    (0..<Self.edgeCount).flatMap { edge in
      CellOperation.allCases.filter { $0 != self[edge] }.map { replacing(edge, with: $0) }
    }
  }

  public static func < (left: Cell, right: Cell) -> Bool { left.code < right.code }
}
